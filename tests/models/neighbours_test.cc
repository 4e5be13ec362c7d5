#include "models/neighbours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kHalfLife = NeighbourOptions{}.half_life_ms;

void Visit(std::vector<DesignKey> recent, NeighbourRow* row, float weight = 1, int64_t at_ms = kNow,
           const NeighbourOptions& options = {}) {
  models::Visit(options, at_ms, weight, 1, recent, row);
}

TEST(Neighbours, CountByPositionAndSkipTheDesignItself) {
  NeighbourRow row;
  Visit({5, 1, 3}, &row, 2);
  Visit({3}, &row);
  EXPECT_THAT(row.entries, ElementsAre(Neighbour{3, 2 * 0.8F * 0.8F + 1, kNow}, Neighbour{5, 2, kNow}));
}

TEST(Neighbours, DecayAndTakeALateVisitAtItsAge) {
  NeighbourRow row;
  Visit({5}, &row);
  Visit({6, 5}, &row, 2, kNow + kHalfLife);
  Visit({6}, &row, 1, kNow);
  EXPECT_THAT(row.entries, ElementsAre(Neighbour{5, 0.5F + 1.6F, kNow + kHalfLife}, Neighbour{6, 2.5F, kNow + kHalfLife}));
  EXPECT_EQ(row.at_ms, kNow + kHalfLife);
}

TEST(Neighbours, StayAsTheyAreUntilVisitedAgain) {
  NeighbourRow row;
  Visit({5}, &row);
  Visit({6}, &row, 1, kNow + kDay);
  EXPECT_EQ(row.entries.front(), (Neighbour{5, 1, kNow}));
}

TEST(Neighbours, AgreeWithASumInDoubles) {
  RandomModels random(1);
  NeighbourRow row;
  std::map<DesignKey, double> expected;
  const int64_t end = kNow + 200 * kDay;
  for (int i = 0; i < 400; ++i) {
    const int64_t at_ms = kNow + random.Below(200) * kDay;
    std::vector<DesignKey> recent;
    for (DesignKey key = 2; key < 40; ++key)
      if (random.Below(8) == 0) recent.push_back(key);
    std::shuffle(recent.begin(), recent.end(), random.random());
    Visit(recent, &row, 1, at_ms);
    for (size_t p = 0; p < recent.size(); ++p)
      expected[recent[p]] += std::pow(0.8, p) * std::exp2(-static_cast<double>(end - at_ms) / static_cast<double>(kHalfLife));
  }
  models::Visit({}, end, 1e-5F, 1, std::vector<DesignKey>{99}, &row);
  ASSERT_EQ(row.entries.size(), expected.size() + 1);
  expected[99] = 1e-5;
  for (const auto& [key, weight, at_ms] : row.entries) {
    const double at_end = static_cast<double>(weight) * std::exp2(-static_cast<double>(end - at_ms) / static_cast<double>(kHalfLife));
    EXPECT_NEAR(at_end, expected[key], 1e-4 * expected[key]);
  }
}

TEST(Neighbours, KeepTheHeaviestHalfWhenARowOutgrowsItsLimit) {
  const NeighbourOptions options{.limit = 4};
  NeighbourRow row;
  for (DesignKey key = 2; key <= 9; ++key) Visit({key}, &row, static_cast<float>(key < 6 ? 1 : 2), kNow, options);
  EXPECT_EQ(row.entries.size(), 8U);
  Visit({10}, &row, 2, kNow, options);
  EXPECT_THAT(row.entries, ElementsAre(Neighbour{6, 2, kNow}, Neighbour{7, 2, kNow}, Neighbour{8, 2, kNow}, Neighbour{9, 2, kNow}));
}

TEST(Neighbours, AreStrongestNowFirstTiesByKey) {
  NeighbourRow row;
  Visit({4}, &row, 3, kNow - kHalfLife);
  Visit({9}, &row, 2);
  Visit({5}, &row, 2);
  Visit({7}, &row, 3);
  EXPECT_THAT(Strongest({.limit = 2}, row), ElementsAre(Neighbour{7, 3, kNow}, Neighbour{5, 2, kNow}));
  EXPECT_THAT(Strongest({}, {}), IsEmpty());
}

TEST(Neighbours, IgnoreAbsurdWeightsAndSurviveClocksThatJump) {
  NeighbourRow row;
  for (const float weight : {0.0F, -1.0F, 1e30F, std::numeric_limits<float>::infinity(), std::nanf("")})
    Visit({5}, &row, weight);
  EXPECT_EQ(row, NeighbourRow{});
  const int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  for (const int64_t at_ms : {kNow, least, most, least}) Visit({5}, &row, 1, at_ms);
  EXPECT_THAT(row.entries, ElementsAre(Neighbour{5, 1, most}));
}

TEST(Neighbours, CountARepeatInOneVisitAsOneEntry) {
  NeighbourRow row;
  Visit({5, 5}, &row);
  EXPECT_THAT(row.entries, ElementsAre(Neighbour{5, 1.8F, kNow}));
}

TEST(Neighbours, StayBoundedOverAMillionNeighbours) {
  RandomModels random(2);
  NeighbourRow row;
  for (int i = 0; i < 20'000; ++i) {
    std::vector<DesignKey> recent(50);
    for (DesignKey& key : recent) key = static_cast<DesignKey>(2 + random.Below(100'000));
    Visit(recent, &row);
    ASSERT_LE(row.entries.size(), 256U);
  }
}

}  // namespace
}  // namespace catwalk::models
