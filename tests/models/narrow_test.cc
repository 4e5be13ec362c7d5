#include "models/narrow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "models/retrieval.h"
#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

struct NarrowVector {
  NarrowVector(const std::vector<float>& from, int k)
      : whole(static_cast<size_t>(NarrowStride(k))), scale(Narrow(from.data(), k, whole.data())) {}
  std::vector<int16_t> whole;
  float scale;
};

/// The product of two narrow vectors. Every partial sum, in any order, has to fit 32 bits.
int64_t Product(const NarrowVector& a, const NarrowVector& b) {
  int64_t sum = 0, positive = 0, negative = 0;
  for (size_t i = 0; i < a.whole.size(); ++i) {
    const int64_t term = int64_t{a.whole[i]} * b.whole[i];
    sum += term;
    (term > 0 ? positive : negative) += term;
  }
  EXPECT_LT(positive, int64_t{1} << 31);
  EXPECT_GT(negative, -(int64_t{1} << 31));
  return sum;
}

void ExpectWithinError(const std::vector<float>& a, const std::vector<float>& b, int k) {
  const NarrowVector x(a, k), y(b, k);
  const double unit = static_cast<double>(x.scale) * static_cast<double>(y.scale);
  const double exact = static_cast<double>(DotProduct(Padded(a).data(), Padded(b).data(), (k + 7) / 8 * 8));
  EXPECT_LE(std::abs(exact - unit * static_cast<double>(Product(x, y))), unit * NarrowError(k));
}

TEST(Narrow, ProductsStayWithinTheErrorForRandomVectors) {
  for (const int k : {1, 5, 16, 32, 256}) {
    RandomModels random(static_cast<unsigned>(k));
    for (int i = 0; i < 300; ++i) ExpectWithinError(random.Vector(k), random.Vector(k), k);
  }
}

TEST(Narrow, ProductsStayWithinTheErrorWhenEveryRoundingGoesTheSameWay) {
  for (const int k : {2, 32, 256}) {
    // Half a unit off in every component but the first, which sets the scale.
    std::vector<float> a(static_cast<size_t>(k), 100.5F / 32767), b(static_cast<size_t>(k), 20000.5F / 32767);
    a[0] = 1;
    b[0] = 1;
    ExpectWithinError(a, b, k);
    for (float& x : b) x = -x;
    ExpectWithinError(a, b, k);
    ExpectWithinError(b, b, k);
  }
}

TEST(Narrow, TakesTheZeroVectorAndVectorsTooShortForFloats) {
  for (const float tiny : {0.0F, 1e-38F, 1e-20F}) {
    const std::vector<float> a(32, tiny);
    EXPECT_GT(NarrowVector(a, 32).scale, 0.0F);
    ExpectWithinError(a, std::vector<float>(32, 1e12F), 32);
    ExpectWithinError(a, a, 32);
  }
}

TEST(Narrow, PadsWithZeros) {
  const NarrowVector narrow(std::vector<float>(17, 1.0F), 17);
  ASSERT_EQ(narrow.whole.size(), 32U);
  EXPECT_NE(narrow.whole[16], 0);
  for (size_t i = 17; i < 32; ++i) EXPECT_EQ(narrow.whole[i], 0);
}

}  // namespace
}  // namespace catwalk::models
