#include "models/demand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;

TEST(Demand, HalvesAtEveryHorizonByEvents) {
  Demand demand;
  Count(1'000, 4, {}, &demand);
  Count(1'200, 1, {}, &demand);
  EXPECT_FLOAT_EQ(demand.recent[0], 3.0F);                            // 200 events: one half-life
  EXPECT_FLOAT_EQ(demand.recent[1], 1 + 4 * std::exp2(-0.25F));
  EXPECT_EQ(demand.first, 1'000);
  EXPECT_EQ(demand.last, 1'200);
}

TEST(Demand, BelongsToTheSegmentsOfThoseWhoWant) {
  Demand demand;
  Count(1'000, 4, {.segments = {0.75F, 0.25F}}, &demand);
  Count(1'800, 2, {.segments = {0, 1}}, &demand);
  Count(1'800, 2, {}, &demand);
  EXPECT_THAT(demand.segments, ElementsAre(1.5F, 2.5F, 0, 0, 0, 0, 0, 0)) << "800 events: one half-life";
}

TEST(Demand, AgreesWithASumInDoublesWhateverTheOrder) {
  RandomModels random(1);
  Demand demand;
  std::array<double, kHorizons> expected{};
  constexpr int64_t kEnd = 5'000;
  for (int i = 0; i < 500; ++i) {
    const int64_t clock = 1 + random.Below(kEnd);
    const auto weight = static_cast<float>(1 + random.Below(4));
    Count(clock, weight, {}, &demand);
    for (size_t h = 0; h < kHorizons; ++h)
      expected[h] += static_cast<double>(weight) * std::exp2(-static_cast<double>(kEnd - clock) / static_cast<double>(kHorizonEvents[h]));
  }
  for (int h = 0; h < kHorizons; ++h) {
    const auto at = static_cast<size_t>(h);
    EXPECT_NEAR(demand.recent[at] * Fading(h, kEnd - demand.last), expected[at], 1e-4 * expected[at]);
  }
}

TEST(Demand, CountsGroupsAndForgetsTheLightestOfTooMany) {
  Demand demand;
  Count(1, 2, {.groups = std::vector<uint64_t>{7, 3}}, &demand);
  Count(2, 1, {.groups = std::vector<uint64_t>{3}}, &demand);
  EXPECT_THAT(demand.groups, ElementsAre(GroupWeight{3, 3}, GroupWeight{7, 2}));
  for (uint64_t group = 10; group < 10 + 2 * kMaxGroups; ++group) Count(3, 0.5F, {.groups = std::vector<uint64_t>{group}}, &demand);
  EXPECT_LE(demand.groups.size(), 2 * kMaxGroups);
  EXPECT_EQ(demand.groups[0], (GroupWeight{3, 3}));
  EXPECT_EQ(demand.groups[1], (GroupWeight{7, 2}));
  EXPECT_TRUE(std::is_sorted(demand.groups.begin(), demand.groups.end(), [](const auto& a, const auto& b) { return a.group < b.group; }));
}

TEST(Demand, IgnoresAbsurdWeightsAndSurvivesClocksThatJump) {
  Demand demand;
  for (const float weight : {0.0F, -1.0F, 1e30F, std::numeric_limits<float>::infinity(), std::nanf("")})
    Count(5, weight, {}, &demand);
  EXPECT_EQ(demand, Demand{});
  for (const int64_t clock : {int64_t{5}, int64_t{1} << 60, int64_t{6}}) Count(clock, 1, {}, &demand);
  for (const float recent : demand.recent) EXPECT_EQ(recent, 1.0F);
  EXPECT_EQ(demand.first, 5);
}

TEST(Demand, StaysFiniteOverAMillionRepeats) {
  Demand demand;
  for (int i = 1; i <= 1'000'000; ++i) Count(i, 1e6F, {}, &demand);
  for (const float recent : demand.recent) EXPECT_TRUE(std::isfinite(recent));
}

}  // namespace
}  // namespace catwalk::models
