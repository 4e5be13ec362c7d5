#include "models/most_wanted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;

bool ByNumber(int32_t a, int32_t b) { return a < b; }

std::array<float, kHorizons> Same(float demand) {
  std::array<float, kHorizons> recent;
  recent.fill(demand);
  return recent;
}

TEST(MostWanted, ComparesDemandOfDifferentTimesTiesAsTold) {
  MostWanted most_wanted;
  most_wanted.Set(0, Same(4), 1'000);
  most_wanted.Set(1, Same(3), 1'200);  // 0 has faded to 2 by then at the fastest horizon, hardly at the slowest
  most_wanted.Set(2, Same(3), 1'200);
  EXPECT_TRUE(most_wanted.Refresh(ByNumber));
  EXPECT_FALSE(most_wanted.Refresh(ByNumber));
  EXPECT_THAT(most_wanted.Ranking(0), ElementsAre(1, 2, 0));
  EXPECT_THAT(most_wanted.Ranking(kHorizons - 1), ElementsAre(0, 1, 2));
}

TEST(MostWanted, LeavesOutWhatNobodyWanted) {
  MostWanted most_wanted;
  most_wanted.Set(2, Same(1), 5);
  most_wanted.Set(1, Same(0), 5);
  most_wanted.Refresh(ByNumber);
  EXPECT_THAT(most_wanted.Ranking(0), ElementsAre(2));
  most_wanted.Set(2, Same(0), 0);
  most_wanted.Refresh(ByNumber);
  EXPECT_THAT(most_wanted.Ranking(0), ElementsAre());
}

TEST(MostWanted, GivesTheLastRowTheNumberOfARemovedOne) {
  MostWanted most_wanted;
  for (int32_t row = 0; row < 4; ++row) most_wanted.Set(row, Same(static_cast<float>(row + 1)), 5);
  most_wanted.Refresh(ByNumber);
  most_wanted.Remove(1, 3);
  most_wanted.Refresh(ByNumber);
  EXPECT_THAT(most_wanted.Ranking(0), ElementsAre(1, 2, 0));
}

/// `keys` are those of horizon 2.
std::vector<int32_t> Sorted(const std::vector<double>& keys) {
  std::vector<int32_t> sorted;
  for (size_t row = 0; row < keys.size(); ++row)
    if (keys[row] > -1e300) sorted.push_back(static_cast<int32_t>(row));
  std::stable_sort(sorted.begin(), sorted.end(), [&](int32_t a, int32_t b) { return keys[static_cast<size_t>(a)] > keys[static_cast<size_t>(b)]; });
  sorted.resize(std::min(sorted.size(), MostWanted::kLength));
  return sorted;
}

/// Whether demand may also be less than before, which has the rankings built anew.
class MostWantedProperty : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Demand, MostWantedProperty, testing::Bool(), [](const auto& test) { return test.param ? "ComesAndGoes" : "OnlyGrows"; });

TEST_P(MostWantedProperty, StaysWhatASortGives) {
  RandomModels random(1);
  MostWanted most_wanted;
  constexpr int kRows = 1'000;
  std::vector<double> keys(kRows, -1e300);
  std::vector<float> demands(kRows, 0);
  for (int step = 1; step <= 300; ++step) {
    for (int i = random.Below(40); i > 0; --i) {
      const auto row = static_cast<size_t>(random.Below(kRows));
      float& demand = demands[row];
      demand = static_cast<float>(1 + random.Below(1'000)) + (GetParam() ? 0 : demand);
      most_wanted.Set(static_cast<int32_t>(row), Same(demand), step * 50);
      keys[row] = std::log2(static_cast<double>(demand)) + step * 50 / static_cast<double>(kHorizonEvents[2]);
    }
    most_wanted.Refresh(ByNumber);
    ASSERT_EQ(most_wanted.Ranking(2), Sorted(keys));
  }
}

}  // namespace
}  // namespace catwalk::models
