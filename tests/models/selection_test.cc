#include "models/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

#include "models/columns.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

AlignedVector<float> Column(const std::vector<float>& numbers) {
  AlignedVector<float> column(PaddedSize(numbers.size()), -kInfinity);
  std::copy(numbers.begin(), numbers.end(), column.begin());
  return column;
}

std::vector<int32_t> Best(size_t wanted, const std::vector<float>& numbers) {
  std::vector<int32_t> places{77};
  FindBest(wanted, Column(numbers), numbers.size(), &places);
  return places;
}

TEST(FindBest, GivesPlacesInTheirOrderAndAllThatEqualTheWorst) {
  EXPECT_THAT(Best(2, {-3, 5, 1, 4}), ElementsAre(1, 3));
  EXPECT_THAT(Best(2, {5, 1, 7, 5, 0}), ElementsAre(0, 2, 3));
  EXPECT_THAT(Best(4, {5, 1, 7}), ElementsAre(0, 1, 2)) << "no more than are there";
  EXPECT_THAT(Best(1, {}), IsEmpty());
}

TEST(FindBest, TellsNumbersOfEverySizeApart) {
  const float smallest = std::numeric_limits<float>::denorm_min(), largest = std::numeric_limits<float>::max();
  EXPECT_THAT(Best(1, {0, smallest, -smallest}), ElementsAre(1));
  EXPECT_THAT(Best(2, {-0.0F, 0, -smallest}), ElementsAre(0, 1)) << "zeros are equal";
  EXPECT_THAT(Best(2, {-largest, largest, -kInfinity, kInfinity}), ElementsAre(1, 3));
  EXPECT_THAT(Best(1, {-kInfinity, -largest}), ElementsAre(1));
}

TEST(FindBest, FindsWhatSortingDoes) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<float> numbers(1 + random() % 300);
    for (float& number : numbers) number = static_cast<float>(static_cast<int>(random() % 400) - 200) / 8;
    const size_t wanted = 1 + random() % numbers.size();
    std::vector<float> sorted = numbers;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    std::vector<int32_t> expected(numbers.size());
    std::iota(expected.begin(), expected.end(), 0);
    std::erase_if(expected, [&](int32_t place) { return numbers[static_cast<size_t>(place)] < sorted[wanted - 1]; });
    EXPECT_THAT(Best(wanted, numbers), ElementsAreArray(expected));
  }
}

TEST(ReachedBy, LetsThroughAsManyAsItMay) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<float> numbers(10 + random() % 300);
    for (float& number : numbers) number = normal(random);
    const size_t fewest = 1 + random() % numbers.size(), most = fewest + random() % 20;
    const float bound = ReachedBy(fewest, most, Column(numbers), numbers.size());
    const auto reaching = static_cast<size_t>(std::count_if(numbers.begin(), numbers.end(), [&](float number) { return number >= bound; }));
    EXPECT_GE(reaching, fewest);
    EXPECT_LE(reaching, most);
  }
}

}  // namespace
}  // namespace catwalk::models
