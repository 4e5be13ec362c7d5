#include "models/best_offers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "models/columns.h"

namespace catwalk::models {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

constexpr float kNone = -std::numeric_limits<float>::infinity();
constexpr auto kAll = [](int32_t) { return true; };

AlignedVector<float> Column(const std::vector<float>& scores) {
  AlignedVector<float> column(PaddedSize(scores.size()), kNone);
  std::copy(scores.begin(), scores.end(), column.begin());
  return column;
}

TEST(BestOffers, AreThoseWithTheLargestScoresAndOfEqualOnesTheFirst) {
  BestOffers best(2);
  const std::vector<int32_t> rows{10, 11, 12, 13, 14};
  EXPECT_THAT(best.Choose(rows, Column({-3, 5, 1, 5, 5}), kAll), UnorderedElementsAre(11, 13));
  EXPECT_THAT(best.Choose(rows, Column({-3, -1, -2, -4, kNone}), kAll), UnorderedElementsAre(11, 12)) << "below 0";
  EXPECT_THAT(best.Choose(rows, Column({0, -0.5F, kNone, kNone, kNone}), kAll), UnorderedElementsAre(10, 11));
  EXPECT_THAT(best.Choose({}, Column({}), kAll), IsEmpty());
}

TEST(BestOffers, LeaveOutWhatMayNotBeTaken) {
  BestOffers best(2);
  const std::vector<int32_t> rows{1, 2, 3, 4};
  EXPECT_THAT(best.Choose(rows, Column({4, 3, 2, 1}), [](int32_t row) { return row % 2 == 0; }), UnorderedElementsAre(2, 4));
}

TEST(BestOffers, AskOfFewWhereTheScoresSayNothing) {
  BestOffers best(2);
  std::vector<int32_t> rows(1'000);
  std::iota(rows.begin(), rows.end(), 0);
  int asked = 0;
  const auto but_the_first = [&asked](int32_t row) { ++asked; return row > 0; };
  EXPECT_THAT(best.Choose(rows, Column(std::vector<float>(rows.size(), 3.0F)), but_the_first), UnorderedElementsAre(1, 2));
  EXPECT_EQ(asked, 3);
}

TEST(BestOffers, AreTheSameAsBySorting) {
  std::mt19937 random(1);
  BestOffers best(48);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<int32_t> rows(random() % 3'000);
    std::iota(rows.begin(), rows.end(), 7);
    std::vector<float> scores(rows.size());
    for (float& score : scores) score = static_cast<float>(static_cast<int>(random() % 500) - 250) / 8;
    std::vector<size_t> order(rows.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
    order.resize(std::min(order.size(), size_t{48}));
    std::vector<int32_t> expected;
    for (const size_t place : order) expected.push_back(rows[place]);
    EXPECT_THAT(best.Choose(rows, Column(scores), kAll), UnorderedElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace catwalk::models
