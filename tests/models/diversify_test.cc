#include "models/diversify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "models/ranking.h"
#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;

/// a1, a2, a3 are alike, b is like none of them.
std::shared_ptr<const DesignTable> Table() {
  DesignTableBuilder builder({.k = 2});
  for (const char* id : {"a1", "a2", "a3"}) Apply(&builder, id, {{1, 0.1F}, 1, kNow, 1});
  Apply(&builder, "b", {{-0.1F, 1}, 1, kNow, 1});
  CatalogueEntry gown, coat;
  gown.category = "gown";
  gown.colour = coat.colour = "black";
  coat.category = "coat";
  EXPECT_TRUE(builder.ApplyCatalogue("a1", gown, 0).ok());
  EXPECT_TRUE(builder.ApplyCatalogue("b", coat, 0).ok());
  return builder.Publish();
}

int Row(const DesignTable& table, const char* id) { return table.RowOf(KeyOf(id)); }

TEST(Similarity, IsOfFactorsAndAttributesAsFarAsKnown) {
  const auto table = Table();
  EXPECT_NEAR(Similarity(*table, Row(*table, "a2"), Row(*table, "a3")), 1, 1e-6);
  EXPECT_NEAR(Similarity(*table, Row(*table, "a2"), Row(*table, "b")), 0, 1e-6) << "no attributes of a2 are known";
  EXPECT_NEAR(Similarity(*table, Row(*table, "a1"), Row(*table, "b")), 0.25, 1e-6) << "of two attributes one is shared";
}

TEST(Diversify, LeavesTheOrderAloneAtZeroAndMixesAtMore) {
  const auto table = Table();
  const std::vector<int32_t> rows = {Row(*table, "a1"), Row(*table, "a2"), Row(*table, "a3"), Row(*table, "b")};
  const std::vector<float> scores = {4, 3.9F, 3.8F, 3};
  EXPECT_THAT(Diversify(*table, rows, scores, 0, 4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Diversify(*table, rows, scores, 0.7F, 3), ElementsAre(0, 3, 1));
  EXPECT_THAT(Diversify(*table, {}, {}, 0.7F, 3), ElementsAre());
}

TEST(Diversify, OfARankingReordersAndLeavesScoresAlone) {
  RandomModels random(1);
  const auto table = RandomTable(&random, 200, 8);
  const std::vector<float> vector = random.Vector(8);
  const RankingQuery query{{}, {}, vector, true, {}, kNow, nullptr, -1};
  RankedList plain, diverse;
  Ranking(8, {}).Run(*table, {&query, 1}, 30, {&plain, 1});
  Ranking(8, {.left_out = {}, .diversity = 0.8F}).Run(*table, {&query, 1}, 10, {&diverse, 1});
  ASSERT_EQ(diverse.best.size(), 10U);
  EXPECT_EQ(diverse.best[0].row, plain.best[0].row);
  bool moved = false;
  for (size_t i = 0; i < 10; ++i) {
    const auto same = std::find_if(plain.best.begin(), plain.best.end(), [&](const Scored& s) { return s.row == diverse.best[i].row; });
    ASSERT_NE(same, plain.best.end()) << "three times as many are looked at, no more";
    EXPECT_EQ(same->score, diverse.best[i].score);
    moved = moved || same->row != plain.best[i].row;
  }
  EXPECT_TRUE(moved);
}

TEST(Explore, AddsHopeWhereTheVectorIsUnsure) {
  RandomModels random(3);
  const auto table = RandomTable(&random, 200, 8);
  const std::vector<Interaction> history = random.History(6, 200);
  FoldIn fold_in({}, 8);
  const auto vector = fold_in.Solve(*table, history, kNow);
  Uncertainty uncertainty;
  fold_in.TakeUncertainty(&uncertainty);
  const auto list = [&](float exploration, Uncertainty* known) {
    const RankingQuery query{history, {}, vector.values, true, {}, kNow, nullptr, -1, known};
    RankedList ranked;
    Ranking(8, {.left_out = {}, .exploration = exploration}).Run(*table, {&query, 1}, 10, {&ranked, 1});
    return ranked.best;
  };
  const auto rows = [](const std::vector<Scored>& best) {
    std::vector<int32_t> of;
    for (const Scored& scored : best) of.push_back(scored.row);
    return of;
  };
  const auto plain = list(0, &uncertainty), bold = list(3, &uncertainty);
  EXPECT_NE(rows(bold), rows(plain));
  EXPECT_EQ(rows(list(3, nullptr)), rows(plain)) << "nothing is known of how unsure the vector is";
  ASSERT_EQ(bold.size(), 10U);
  std::vector<float> factor(static_cast<size_t>(table->stride()));
  float before = std::numeric_limits<float>::infinity();
  for (const Scored& scored : bold) {
    table->ShrunkFactor(scored.row, factor.data());
    const float length = std::sqrt(std::inner_product(factor.begin(), factor.end(), factor.begin(), 0.0F));
    float deviation = 0;
    uncertainty.Of(factor, {&deviation, 1});
    const float worth = scored.score + 3 * PriorBlend().shared[kFoldIn] * deviation / length;
    EXPECT_LE(worth, before + 1e-5F) << "by what is known and what is hoped, scores stay what they are";
    before = worth;
  }
}

}  // namespace
}  // namespace catwalk::models
