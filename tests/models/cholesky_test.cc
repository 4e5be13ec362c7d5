#include "models/cholesky.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

template <class T>
void ExpectSolves(int n, double tolerance) {
  RandomModels random(static_cast<unsigned>(n));
  Eigen::MatrixXd half(n, n + 3);
  for (int c = 0; c < half.cols(); ++c)
    for (int r = 0; r < n; ++r) half(r, c) = static_cast<double>(random.Vector(1)[0]);
  const Eigen::MatrixXd matrix = half * half.transpose() + 0.5 * Eigen::MatrixXd::Identity(n, n);
  Eigen::VectorXd right(n);
  Cholesky<T> cholesky(n);
  AlignedVector<T> x(static_cast<size_t>(n));
  for (int r = 0; r < n; ++r) {
    right(r) = static_cast<double>(random.Vector(1)[0]);
    x[static_cast<size_t>(r)] = static_cast<T>(right(r));
    for (int c = r / 8 * 8; c < n; ++c) cholesky.Row(static_cast<size_t>(r))[c] = static_cast<T>(matrix(r, c));
  }
  ASSERT_TRUE(cholesky.Factorise());
  cholesky.Solve(x.data(), x.data());
  const Eigen::VectorXd expected = matrix.llt().solve(right);
  for (int r = 0; r < n; ++r)
    EXPECT_NEAR(static_cast<double>(x[static_cast<size_t>(r)]), expected(r), tolerance * expected.norm()) << n << " " << r;
}

TEST(Cholesky, SolvesAsEigenDoesAtAnySize) {
  for (const int n : {8, 16, 24, 32, 64}) {
    ExpectSolves<float>(n, 1e-5);
    ExpectSolves<double>(n, 1e-13);
  }
}

TEST(Cholesky, RefusesWhatIsNotPositiveDefinite) {
  for (const float bad : {0.0F, -1.0F, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    Cholesky<float> cholesky(8);
    for (size_t i = 0; i < 8; ++i) {
      std::fill_n(cholesky.Row(i), 8, 0.0F);
      cholesky.Row(i)[i] = i == 5 ? bad : 1.0F;
    }
    EXPECT_FALSE(cholesky.Factorise()) << bad;
  }
}

}  // namespace
}  // namespace catwalk::models
