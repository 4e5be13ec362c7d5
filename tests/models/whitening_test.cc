#include "models/whitening.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <vector>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

Eigen::MatrixXd PositiveDefinite(RandomModels* random, int n) {
  Eigen::MatrixXd half(n, n + 3);
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < half.cols(); ++c) half(r, c) = static_cast<double>(random->Vector(1)[0]);
  return half * half.transpose() + 0.5 * Eigen::MatrixXd::Identity(n, n);
}

Whitening Of(const Eigen::MatrixXd& matrix) {
  Cholesky<double> cholesky(static_cast<int>(matrix.rows()));
  for (int r = 0; r < matrix.rows(); ++r)
    for (int c = r / 8 * 8; c < matrix.cols(); ++c) cholesky.Row(static_cast<size_t>(r))[c] = matrix(r, c);
  EXPECT_TRUE(cholesky.Factorise());
  Whitening whitening;
  whitening.Set(cholesky);
  return whitening;
}

class WhitensAt : public testing::TestWithParam<int> {};

TEST_P(WhitensAt, MakesTheMatrixTheUnitAndSolvesOnTheWayBack) {
  const int n = GetParam();
  RandomModels random(1);
  const Eigen::MatrixXd matrix = PositiveDefinite(&random, n), lower = matrix.llt().matrixL();
  const Whitening whitening = Of(matrix);
  Eigen::VectorXd b(n), white(n), solution(n);
  for (double& x : b) x = static_cast<double>(random.Vector(1)[0]);
  whitening.Whiten(b.data(), white.data());
  whitening.Back(white.data(), solution.data());
  EXPECT_LT((lower * white - b).norm(), 1e-12 * b.norm());
  EXPECT_LT((matrix * solution - b).norm(), 1e-11 * b.norm());
}

TEST_P(WhitensAt, WhitensManyAtOnceEachByItself) {
  const int n = GetParam();
  RandomModels random(2);
  const Eigen::MatrixXd matrix = PositiveDefinite(&random, n), lower = matrix.llt().matrixL();
  const Whitening whitening = Of(matrix);
  for (const size_t vectors : {8UL, 16UL}) {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    RowMajor b(n, static_cast<Eigen::Index>(vectors)), white(b.rows(), b.cols()), turned_white(b.rows(), b.cols());
    for (double& x : b.reshaped()) x = static_cast<double>(random.Vector(1)[0]);
    const RowMajor turned = b.rowwise().reverse();
    whitening.WhitenTogether(b.data(), vectors, white.data());
    whitening.WhitenTogether(turned.data(), vectors, turned_white.data());
    EXPECT_LT((lower * white - b).norm(), 1e-12 * b.norm());
    EXPECT_EQ(turned_white.rowwise().reverse(), white);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, WhitensAt, testing::Values(8, 16, 32, 64));

}  // namespace
}  // namespace catwalk::models
