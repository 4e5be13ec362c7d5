#include "operators/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/models/random_models.h"

namespace catwalk::operators {
namespace {

using models::KeyOf;
using testing::ElementsAre;
using testing::IsEmpty;

/// d1 to d3, gowns, and a blend in which every feature has that weight; d2 came after d1 and after "gone", which the table does not know.
std::shared_ptr<const models::DesignTable> Table(float weight) {
  models::RandomModels random(1);
  models::DesignTableBuilder builder({.k = 8});
  for (const char* id : {"d1", "d2", "d3"}) {
    models::Apply(&builder, id, random.Factor(8));
    models::CatalogueEntry entry;
    entry.category = "gown";
    EXPECT_TRUE(builder.ApplyCatalogue(id, entry, 0).ok());
  }
  builder.ApplyNeighbours("d2", std::vector<models::Neighbour>{{KeyOf("d1"), 2, models::kNow}, {KeyOf("gone"), 9, models::kNow}}, 0);
  models::BlendWeights blend;
  blend.shared.fill(weight);
  EXPECT_TRUE(builder.ApplyBlend(blend, 0).ok());
  return builder.Publish();
}

/// Of a list of d2 alone, of which one feature speaks for the user: its value and its weight are `sign`.
std::vector<std::string> ReasonsOf(int feature, const std::vector<std::string>& touched, float sign = 1) {
  const auto table = Table(sign);
  UserState user;
  for (const auto& design : touched)
    user.history.push_back({KeyOf(design), models::InteractionKind::kRental, 0, models::kNow});
  models::FeatureVector features{};
  features[static_cast<size_t>(feature)] = sign;
  const models::Scored scored{table->RowOf(KeyOf("d2")), 1};
  UserOptions options;
  Reasoning reasoning(options, 8);
  models::FoldIn fold_in({}, 8);
  models::Uncertainty uncertainty;
  const bool known = fold_in.Solve(*table, user.history, models::kNow).known;
  if (known) fold_in.TakeUncertainty(&uncertainty);
  return reasoning.For({*table, user, known ? &uncertainty : nullptr, {}, models::kNow, {&scored, 1}, {&features, 1}}).at(0);
}

TEST(Reasoning, NamesWhatIsLinkedMost) {
  EXPECT_THAT(ReasonsOf(models::kNeighbourhood, {"d3", "d1"}), ElementsAre("because you rented gown d1"));
  EXPECT_THAT(ReasonsOf(models::kNeighbourhood, {"d1", "d3"}), ElementsAre("because you rented gown d1"));
}

TEST(Reasoning, IsSilentOfDesignsThatTheTableDoesNotKnow) {
  EXPECT_THAT(ReasonsOf(models::kNeighbourhood, {"gone"}), IsEmpty());
  EXPECT_THAT(ReasonsOf(models::kFoldIn, {"gone"}), IsEmpty());
  EXPECT_THAT(ReasonsOf(models::kReturn, {"gone"}), IsEmpty());
  EXPECT_THAT(ReasonsOf(models::kFoldIn, {}), IsEmpty());
}

TEST(Reasoning, NamesTheAttributeThePeopleOrTheTrend) {
  EXPECT_THAT(ReasonsOf(models::kAffinity, {"d1"}), ElementsAre("because you often choose category gown"));
  EXPECT_THAT(ReasonsOf(models::kProfileDemand, {"d1"}), ElementsAre("wanted by people like you"));
  EXPECT_THAT(ReasonsOf(models::kSegmentDemand, {"d1"}), ElementsAre("wanted by people of your taste"));
  EXPECT_THAT(ReasonsOf(models::kRecentDemand, {"d1"}), ElementsAre("popular now"));
  EXPECT_THAT(ReasonsOf(models::kReturn, {"d2"}), ElementsAre("because you rented gown d2"));
}

TEST(Reasoning, GivesNobodyAReasonOfWhatTheyDoLessThanOthers) {
  EXPECT_THAT(ReasonsOf(models::kAffinity, {"d1"}, -1), ElementsAre("popular now"));
  EXPECT_THAT(ReasonsOf(models::kProfileDemand, {"d1"}, -1), ElementsAre("popular now"));
}

}  // namespace
}  // namespace catwalk::operators
