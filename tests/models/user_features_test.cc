#include "models/user_features.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

constexpr int kDimensions = 8;
constexpr uint64_t kPetite = 77, kTall = 78;
constexpr Memberships kFirst{1}, kSecond{0, 1};

/// d0 … d39: random factors and demand; every third from petites, every other a gown, links of co-visitation among them.
std::shared_ptr<const DesignTable> Table(unsigned seed) {
  RandomModels random(seed);
  DesignTableBuilder builder({.k = kDimensions});
  int64_t clock = 0;
  for (int i = 0; i < 40; ++i) {
    FactorEntry entry = random.Factor(kDimensions);
    entry.weight = 0;
    for (int event = 1 + random.Below(20); event > 0; --event) {
      const std::vector<uint64_t> groups = i % 3 == 0 ? std::vector<uint64_t>{kPetite} : std::vector<uint64_t>{kTall};
      Count(++clock, 2, {groups, i % 4 == 0 ? kFirst : kSecond}, &entry.demand);
      entry.weight += 2;
    }
    Apply(&builder, Id(i), entry);
    CatalogueEntry catalogue;
    catalogue.category = i % 2 == 0 ? "gown" : "coat";
    if (i % 5 == 0) catalogue.colour = "black";
    EXPECT_TRUE(builder.ApplyCatalogue(Id(i), catalogue, 0).ok());
    builder.ApplyNeighbours(Id(i), std::vector<Neighbour>{{KeyOf(Id((i + 1) % 40)), 3, kNow - 1500 * kDay}}, 0);
  }
  EXPECT_TRUE(builder.ApplySegments(FirstSegments(kDimensions), 0).ok());
  return builder.Publish();
}

/// Took d2 (a gown), then d5 (a coat, black), then d4 (a gown).
RankedUser Taker() {
  RankedUser user;
  for (const int design : {2, 5, 4}) user.history.push_back({KeyOf(Id(design)), InteractionKind::kRental, 0, kNow});
  user.groups = {kPetite, 12345};  // nobody else belongs to the second
  user.vector = RandomModels(9).Vector(kDimensions);
  return user;
}

FeatureVector Of(const DesignTable& table, const RankedUser& user, const std::string& design) {
  UserFeatures features;
  const RankingQuery query = user.Query();
  features.Begin(table, query);
  features.Describe(std::vector<int32_t>{table.RowOf(KeyOf(design))});
  return features.At(0);
}

TEST(UserFeatures, LookAtDemandAsItHasFaded) {
  const auto table = Table(1);
  const DesignSignals& signals = table->Signals(table->RowOf(KeyOf("d7")));
  const auto quiet = static_cast<double>(table->clock() - signals.last), age = static_cast<double>(table->clock() - signals.first);
  const FeatureVector features = Of(*table, {}, "d7");
  for (size_t h = 0; h < kHorizons; ++h) {
    const double faded = static_cast<double>(signals.recent[h]) * std::exp2(-quiet / static_cast<double>(kHorizonEvents[h]));
    EXPECT_NEAR(features[kRecentDemand + h], std::log(faded + 0.2), 1e-5) << h;
  }
  EXPECT_NEAR(features[kAge], std::log1p(age), 1e-5);
  EXPECT_NEAR(features[kQuiet], std::log1p(quiet), 1e-5);
}

TEST(UserFeatures, LinkWithWhatTheUserTouchedEitherWay) {
  const auto table = Table(2);
  const auto root = [&](const char* design) { return 1 / std::sqrt(table->Weight(table->RowOf(KeyOf(design))) + 10); };
  // d3 comes before d2 in d2's row, and names d4, which is the latest, in its own. 1,500 days are a half-life.
  const double expected = 1.5 * root("d3") * (root("d4") + 0.8 * 0.8 * root("d2"));
  EXPECT_NEAR(Of(*table, Taker(), "d3")[kNeighbourhood], std::log1p(50 * expected), 1e-5);
  EXPECT_EQ(Of(*table, Taker(), "d30")[kNeighbourhood], 0.0F);
  EXPECT_EQ(Of(*table, {}, "d3")[kNeighbourhood], 0.0F);
}

TEST(UserFeatures, LinkWithTheWholeHistoryMoreSlowlyForgotten) {
  const auto table = Table(2);
  RankedUser user;
  for (int i = 0; i < 30; ++i) user.history.push_back({KeyOf(Id(i)), InteractionKind::kRental, 0, kNow});
  user.history.push_back({KeyOf("d3"), InteractionKind::kClick, 0, kNow});  // d3 now counts as the latest
  const auto root = [&](int design) { return 1 / std::sqrt(table->Weight(table->RowOf(KeyOf(Id(design)))) + 10); };
  const double of_four = 1.5 * root(5) * (root(4) * std::pow(0.98, 26) + root(6) * std::pow(0.98, 24));
  EXPECT_NEAR(Of(*table, user, "d5")[kLongNeighbourhood], std::log1p(50 * of_four), 1e-5);
  EXPECT_EQ(Of(*table, user, "d5")[kNeighbourhood], 0.0F) << "both are beyond the latest ten";
  const double of_three = 1.5 * root(2) * (root(3) + root(1) * std::pow(0.98, 28));
  EXPECT_NEAR(Of(*table, user, "d2")[kLongNeighbourhood], std::log1p(50 * of_three), 1e-5);
}

TEST(UserFeatures, KnowWhatTheUserOftenChooses) {
  const auto table = Table(3);
  double gowns = 0, all = 0;
  for (int i = 0; i < 40; ++i) {
    const double weight = table->Weight(table->RowOf(KeyOf(Id(i))));
    all += weight;
    gowns += i % 2 == 0 ? weight : 0;
  }
  const double p = (gowns + 1) / (all + 1);
  EXPECT_NEAR(Of(*table, Taker(), "d8")[kAffinity], std::log((2 + 2 * p) / (5 * p)), 1e-5) << "two of three were gowns";
  EXPECT_NEAR(Of(*table, Taker(), "d10")[kAffinity + 2], std::log((1 + 2) / 3.0), 1e-5) << "all of known colour are black";
  EXPECT_EQ(Of(*table, Taker(), "d8")[kAffinity + 2], 0.0F) << "its colour is not known";
  EXPECT_EQ(Of(*table, {}, "d8")[kAffinity], 0.0F) << "a newcomer chooses nothing often";
}

TEST(UserFeatures, KnowWhatPeopleLikeTheUserWant) {
  const auto table = Table(4);
  const int row = table->RowOf(KeyOf("d6"));
  const double expected = table->Weight(row) * table->TotalWeightOfGroup(kPetite) / table->TotalWeight();
  EXPECT_NEAR(Of(*table, Taker(), "d6")[kProfileDemand], std::log((table->Weight(row) + 1) / (expected + 1)), 1e-5);
  EXPECT_LT(Of(*table, Taker(), "d7")[kProfileDemand], 0) << "the tall want it";
  EXPECT_EQ(Of(*table, {}, "d7")[kProfileDemand], 0.0F);
}

TEST(UserFeatures, HoldTheProductAndTheReturn) {
  const auto table = Table(5);
  const RankedUser user = Taker();
  std::vector<float> factor(static_cast<size_t>(table->stride()));
  table->ShrunkFactor(table->RowOf(KeyOf("d9")), factor.data());
  double product = 0;
  for (size_t i = 0; i < kDimensions; ++i) product += static_cast<double>(factor[i]) * static_cast<double>(user.vector[i]);
  EXPECT_NEAR(Of(*table, user, "d9")[kFoldIn], product, 1e-5);
  EXPECT_EQ(Of(*table, user, "d9")[kReturn], 0.0F);
  EXPECT_EQ(Of(*table, user, "d9")[kSeen], 0.0F);
  EXPECT_EQ(Of(*table, user, "d2")[kSeen], 1.0F);
  EXPECT_EQ(Of(*table, user, "d4")[kReturn], 1.0F);
  EXPECT_FLOAT_EQ(Of(*table, user, "d2")[kReturn], 0.64F);
}

TEST(UserFeatures, ExpectDemandOfASegmentByItsShare) {
  const auto table = Table(6);
  RankedUser user = Taker();
  const auto centres = table->segments().centres;
  user.vector.assign(centres.begin(), centres.begin() + kDimensions);   // belongs to the first, as far as anyone does
  const Memberships belongs = MembershipsOf(table->segments(), user.vector);
  ASSERT_GT(belongs[0], 0.8F);
  for (const char* design : {"d4", "d5"}) {
    const int row = table->RowOf(KeyOf(design));
    const auto quiet = static_cast<double>(table->clock() - table->Signals(row).last);
    const size_t segment = design[1] == '4' ? 0 : 1;   // all of its demand came from it
    const double faded = static_cast<double>(table->Signals(row).segments[segment]) * std::exp2(-quiet / 800);
    EXPECT_EQ(table->Signals(row).segments[segment], table->Signals(row).recent[kSegmentHorizon]);
    const auto belonging = static_cast<double>(belongs[segment]);
    EXPECT_NEAR(Of(*table, user, design)[kSegmentDemand], std::log((belonging * faded + 1) / (faded / kSegments + 1)), 1e-4) << design;
  }
  user.vector.clear();
  EXPECT_EQ(Of(*table, user, "d4")[kSegmentDemand], 0.0F) << "who has no vector belongs to none";
}

TEST(UserFeatures, AreTheSameWhereverARowStandsAndWhoeverCameBefore) {
  const auto table = Table(6);
  const RankedUser user = Taker(), nobody;
  std::vector<int32_t> rows(static_cast<size_t>(table->size()));
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int32_t>(rows.size() - i) - 1;
  UserFeatures features;
  const RankingQuery query = user.Query(), other = nobody.Query();
  features.Begin(*table, other);
  features.Describe(rows);
  features.Begin(*table, query);
  features.Describe(rows);
  const FeatureVector weights = PriorBlend().For({.experience = 1});
  EXPECT_EQ(features.weights(), weights);
  const auto logits = features.Logits();
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(features.At(i), Of(*table, user, table->IdOf(rows[i])));
    EXPECT_EQ(logits[i], Logit(weights, features.At(i))) << "contributions add up to the score";
  }
}

TEST(UserFeatures, StayFiniteWhateverTheTablesHold) {
  RandomModels random(8);
  const float largest = std::numeric_limits<float>::max();
  DesignTableBuilder builder({.k = kDimensions});
  for (int i = 0; i < 40; ++i) {
    FactorEntry entry = random.Factor(kDimensions);
    entry.weight = i % 2 == 0 ? 1e300 : 1e-300;
    entry.demand.recent.fill(i % 3 == 0 ? largest : std::numeric_limits<float>::denorm_min());
    entry.demand.last = i % 4 == 0 ? std::numeric_limits<int64_t>::max() : 1;
    entry.demand.groups = {{kPetite, i % 5 == 0 ? largest : 1e-30F}};
    Apply(&builder, Id(i), entry);
    const int64_t at_ms = i % 2 == 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
    builder.ApplyNeighbours(Id(i), std::vector<Neighbour>{{KeyOf(Id((i + 1) % 40)), 1e12F, at_ms},
                                                          {KeyOf(Id((i + 2) % 40)), std::nanf(""), kNow},
                                                          {KeyOf(Id((i + 3) % 40)), largest, kNow}}, 0);
  }
  const auto table = builder.Publish();
  for (int i = 0; i < 40; ++i)
    for (const float feature : Of(*table, Taker(), Id(i))) EXPECT_TRUE(std::isfinite(feature)) << i;
}

TEST(UserFeatures, OfADesignThatNobodyTouchedAreThoseOfANewOne) {
  DesignTableBuilder builder({.k = kDimensions});
  ASSERT_TRUE(builder.ApplyCatalogue("new", {}, 0).ok());
  const auto table = builder.Publish();
  FeatureVector expected{};
  for (size_t h = 0; h < kHorizons; ++h) expected[kRecentDemand + h] = std::log(0.2F);
  expected[kUntouched] = 1;
  const FeatureVector features = Of(*table, Taker(), "new");
  for (size_t f = 0; f < features.size(); ++f) EXPECT_NEAR(features[f], expected[f], 1e-6) << f;
}

}  // namespace
}  // namespace catwalk::models
