#include "models/narrow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "models/retrieval.h"
#include "models/score_kernel.h"
#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using Vectors = std::vector<std::vector<float>>;

NarrowRows RowsOf(const Vectors& vectors, int k) {
  NarrowRows rows(k);
  rows.Resize(static_cast<int>(vectors.size()));
  for (size_t i = 0; i < vectors.size(); ++i) rows.Set(static_cast<int>(i), vectors[i].data());
  return rows;
}

/// Whether the bound of a row's product with the query reaches a threshold in units of the query's scale.
bool Reaches(const NarrowRows& rows, size_t row, const NarrowQuery& query, double threshold) {
  const int first = static_cast<int>(row / 64 * 64);
  return (RowsThatReach(static_cast<float>(threshold), rows, first, query) >> (row % 64) & 1) != 0;
}

/// A bound is never below the product, and above it by no more than twice the error it allows for.
void ExpectTightBounds(const Vectors& vectors, const std::vector<float>& user, int k) {
  const NarrowRows rows = RowsOf(vectors, k);
  NarrowQuery query;
  query.Set(user.data(), k);
  EXPECT_LT(query.error(), 0.13F * 32768 * std::sqrt(static_cast<float>(k) / 256)) << "of k " << k;
  for (size_t row = 0; row < vectors.size(); ++row) {
    const float product = DotProduct(Padded(vectors[row]).data(), Padded(user).data(), (k + 7) / 8 * 8);
    const double exact = static_cast<double>(product) / static_cast<double>(query.scale());
    const double allowed = static_cast<double>(query.error()) * static_cast<double>(rows.scales()[row]);
    ASSERT_TRUE(Reaches(rows, row, query, exact)) << "row " << row << " of k " << k;
    ASSERT_FALSE(Reaches(rows, row, query, exact + 2.001 * allowed)) << "row " << row << " of k " << k;
  }
}

TEST(Narrow, BoundsAreTightForRandomVectors) {
  for (const int k : {1, 2, 5, 16, 31, 32, 64, 256}) {
    RandomModels random(static_cast<unsigned>(k));
    Vectors vectors;
    for (int i = 0; i < 150; ++i) vectors.push_back(random.Vector(k, 0.001F * static_cast<float>(1 + random.Below(5000))));
    for (int i = 0; i < 20; ++i) ExpectTightBounds(vectors, random.Vector(k, 10), k);
  }
}

TEST(Narrow, SumsFitForTheLongestProducts) {
  for (const int k : {1, 2, 3, 32, 256}) {
    RandomModels random(static_cast<unsigned>(k));
    for (int i = 0; i < 50; ++i) {
      const std::vector<float> along = random.Vector(k);
      std::vector<float> against = along, spike(static_cast<size_t>(k));
      for (float& x : against) x = -x;
      spike[0] = 7;
      const std::vector<float> even(static_cast<size_t>(k), 0.5F), odd(static_cast<size_t>(k), -0.5F);
      for (const auto& user : {along, spike, even, odd}) ExpectTightBounds({along, against, spike, even, odd}, user, k);
    }
  }
}

TEST(Narrow, BoundsHoldWhenEveryRoundingGoesTheSameWay) {
  for (const int k : {2, 32, 256}) {
    // Half a unit off in every component but the first, which sets the scale.
    std::vector<float> row(static_cast<size_t>(k), 0.5F), user(static_cast<size_t>(k), 0.5F);
    row[0] = 127;
    user[0] = 63;
    std::vector<float> other = row;
    for (size_t i = 1; i < other.size(); ++i) other[i] = -other[i];
    ExpectTightBounds({row, other}, user, k);
    ExpectTightBounds({row, other}, other, k);
  }
}

TEST(Narrow, TakesTheZeroVectorAndVectorsTooShortForFloats) {
  const std::vector<float> zero(32, 0.0F), shortest(32, 1e-38F), tiny(32, 1e-20F), large(32, 64.0F), longest(32, 1e14F);
  for (const auto& user : {zero, shortest, tiny, large, longest}) ExpectTightBounds({zero, shortest, tiny, large}, user, 32);
}

TEST(Narrow, NothingOfARowThatIsNotThereReachesAThreshold) {
  const std::vector<float> one(5, 1.0F);
  constexpr double kAny = -std::numeric_limits<double>::infinity();
  NarrowRows rows = RowsOf(Vectors(70, one), 5);
  NarrowQuery query;
  query.Set(one.data(), 5);
  EXPECT_TRUE(Reaches(rows, 69, query, kAny));
  EXPECT_FALSE(Reaches(rows, 70, query, kAny)) << "behind the last";
  rows.Clear(69);
  EXPECT_FALSE(Reaches(rows, 69, query, kAny)) << "cleared";
  rows.Resize(60);
  rows.Resize(70);
  EXPECT_FALSE(Reaches(rows, 65, query, kAny)) << "not set again";
  rows.Copy(65, rows, 3);
  EXPECT_TRUE(Reaches(rows, 65, query, 4.9)) << "copied";
}

}  // namespace
}  // namespace catwalk::models
