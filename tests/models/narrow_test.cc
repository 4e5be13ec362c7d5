#include "models/narrow.h"

#include <gtest/gtest.h>

#include <cmath>
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
  std::vector<float> all;
  for (size_t i = 0; i < vectors.size(); ++i) rows.Set(static_cast<int>(i), vectors[i].data());
  for (const auto& vector : vectors) all.insert(all.end(), vector.begin(), vector.end());
  if (!rows.Fits()) rows.Refit(all.data(), static_cast<size_t>(k));
  return rows;
}

NarrowQuery QueryOf(const std::vector<float>& user) {
  NarrowQuery query;
  query.Set(user.data(), static_cast<int>(user.size()));
  return query;
}

int Product(const NarrowRows& rows, size_t row, const NarrowQuery& query) {
  Products64 products;
  Multiply(rows, static_cast<int>(row / 64 * 64), query, products);
  int16_t stored[64];
  Store(products, stored);
  return stored[row % 64];
}

/// Rows that are too long for the unit are said to be, and there is none of them among so few vectors.
void ExpectProductsWithinTheError(const Vectors& vectors, const std::vector<float>& user) {
  const auto k = static_cast<int>(user.size());
  const NarrowRows rows = RowsOf(vectors, k);
  const NarrowQuery query = QueryOf(user);
  EXPECT_LT(rows.ErrorWith(query), 0.13 * 32768 * std::sqrt(k / 256.0)) << "of k " << k;
  for (size_t row = 0; row < vectors.size(); ++row) {
    const float exact = DotProduct(Padded(vectors[row]).data(), Padded(user).data(), (k + 7) / 8 * 8);
    const double unit = static_cast<double>(query.unit()) * static_cast<double>(rows.unit());
    const int product = Product(rows, row, query);
    ASSERT_NE(product, NarrowRows::kTooLong);
    ASSERT_NEAR(static_cast<double>(exact) / unit, product, rows.ErrorWith(query)) << "row " << row << " of k " << k;
  }
}

TEST(Narrow, ProductsAreWithinTheErrorForRandomVectors) {
  for (const int k : {1, 2, 5, 16, 31, 32, 64, 256}) {
    RandomModels random(static_cast<unsigned>(k));
    Vectors vectors;
    for (int i = 0; i < 150; ++i) vectors.push_back(random.Vector(k, 0.001F * static_cast<float>(1 + random.Below(5000))));
    for (int i = 0; i < 20; ++i) ExpectProductsWithinTheError(vectors, random.Vector(k, 10));
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
      for (const auto& user : {along, spike, even, odd}) ExpectProductsWithinTheError({along, against, spike, even, odd}, user);
    }
  }
}

TEST(Narrow, ProductsAreWithinTheErrorWhenEveryRoundingGoesTheSameWay) {
  for (const int k : {2, 32, 256}) {
    // Half a unit off in every component but the first, which sets the scale.
    std::vector<float> row(static_cast<size_t>(k), 0.5F), user(static_cast<size_t>(k), 0.5F);
    row[0] = 127;
    user[0] = 63;
    std::vector<float> other = row;
    for (size_t i = 1; i < other.size(); ++i) other[i] = -other[i];
    ExpectProductsWithinTheError({row, other}, user);
    ExpectProductsWithinTheError({row, other}, other);
  }
}

TEST(Narrow, TakesTheZeroVectorAndVectorsTooShortForFloats) {
  const std::vector<float> zero(32, 0.0F), shortest(32, 1e-38F), tiny(32, 1e-20F), large(32, 64.0F), longest(32, 1e14F);
  for (const auto& user : {zero, shortest, tiny, large, longest}) ExpectProductsWithinTheError({zero, shortest, tiny, large}, user);
}

TEST(Narrow, SaysWhichRowsAreNotThere) {
  const std::vector<float> one(5, 1.0F);
  NarrowRows rows = RowsOf(Vectors(70, one), 5);
  const NarrowQuery query = QueryOf(one);
  EXPECT_GT(Product(rows, 69, query), 0);
  EXPECT_EQ(Product(rows, 70, query), NarrowRows::kAbsent) << "behind the last";
  rows.Clear(69);
  EXPECT_EQ(Product(rows, 69, query), NarrowRows::kAbsent) << "cleared";
  rows.Resize(60);
  rows.Resize(70);
  EXPECT_EQ(Product(rows, 65, query), NarrowRows::kAbsent) << "not set again";
  rows.Copy(65, rows, 3);
  EXPECT_EQ(Product(rows, 65, query), Product(rows, 3, query)) << "copied";
}

TEST(Narrow, OneRowThatIsFarTooLongDoesNotCoarsenTheOthers) {
  RandomModels random(7);
  Vectors vectors;
  for (int i = 0; i < 5000; ++i) vectors.push_back(random.Vector(8));
  const float unit = RowsOf(vectors, 8).unit();
  const std::vector<float> far(8, 1e6F);
  vectors[1234] = far;
  const NarrowRows rows = RowsOf(vectors, 8);
  EXPECT_LT(rows.unit(), unit * 1.1F);
  EXPECT_EQ(Product(rows, 1234, QueryOf(far)), NarrowRows::kTooLong);
  EXPECT_EQ(Product(rows, 1234, QueryOf(std::vector<float>(8, -1.0F))), NarrowRows::kTooLong) << "whatever the query";
}

TEST(Narrow, TheUnitFollowsTheRows) {
  RandomModels random(8);
  NarrowRows rows(4);
  rows.Resize(100);
  EXPECT_TRUE(rows.Fits()) << "no row is set";
  Vectors vectors;
  const auto set_all = [&](float scale) {
    std::vector<float> all;
    for (int row = 0; row < 100; ++row) {
      const auto vector = random.Vector(4, scale);
      rows.Set(row, vector.data());
      all.insert(all.end(), vector.begin(), vector.end());
    }
    return all;
  };
  for (const float scale : {1.0F, 10.0F, 0.01F}) {
    const auto all = set_all(scale);
    EXPECT_FALSE(rows.Fits()) << scale;
    rows.Refit(all.data(), 4);
    EXPECT_TRUE(rows.Fits()) << scale;
    set_all(scale * 0.8F);
    EXPECT_TRUE(rows.Fits()) << "a little shorter than " << scale;
  }
}

TEST(Narrow, FindsWhatAboutAsManyRowsReach) {
  RandomModels random(9);
  Vectors vectors;
  for (int i = 0; i < 1024; ++i) vectors.push_back(random.Vector(32));
  const NarrowRows rows = RowsOf(vectors, 32);
  for (size_t rank = 1; rank <= 64; ++rank) {
    const NarrowQuery query = QueryOf(random.Vector(32));
    const int reached = ReachedByAbout(rank, rows, 1024, query);
    size_t reach = 0;
    for (size_t row = 0; row < 1024; ++row) reach += Product(rows, row, query) >= reached ? 1 : 0;
    EXPECT_GE(reach, rank);
    EXPECT_LE(reach, rank * 12) << "rank " << rank;
  }
}

TEST(Narrow, OffersTheRowsThatReachWhatMayRiseMeanwhile) {
  RandomModels random(10);
  Vectors vectors;
  for (int i = 0; i < 200; ++i) vectors.push_back(random.Vector(32));
  const NarrowRows rows = RowsOf(vectors, 32);
  const NarrowQuery query = QueryOf(random.Vector(32));
  std::vector<int> offered, expected;
  int least = 0;
  ForEachLikely(rows, 64, 200, query, least, [&](int row, int product) {
    EXPECT_EQ(product, Product(rows, static_cast<size_t>(row), query));
    offered.push_back(row);
    least = product;
  });
  int highest = 0;
  for (int row = 64; row < 200; ++row) {
    const int product = Product(rows, static_cast<size_t>(row), query);
    if (product < highest) continue;
    highest = product;
    expected.push_back(row);
  }
  EXPECT_EQ(offered, expected);
}

}  // namespace
}  // namespace catwalk::models
