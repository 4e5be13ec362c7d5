#include "models/low_rank_update.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <tuple>
#include <vector>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

Eigen::MatrixXd RandomMatrix(RandomModels* random, int rows, int columns) {
  Eigen::MatrixXd matrix(rows, columns);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) matrix(r, c) = static_cast<double>(random->Vector(1)[0]);
  return matrix;
}

/// n x n and so many vectors, and the same for Eigen.
struct Example {
  Example(int n, int count) {
    RandomModels random(static_cast<unsigned>(100 * n + count));
    const Eigen::MatrixXd half = RandomMatrix(&random, n, n + 3);
    matrix = half * half.transpose() + 0.5 * Eigen::MatrixXd::Identity(n, n);
    vectors = RandomMatrix(&random, n, count);
    sum = matrix + vectors * vectors.transpose();
    Cholesky<double> factorised(n);
    for (int r = 0; r < n; ++r)
      for (int c = r / 8 * 8; c < n; ++c) factorised.Row(static_cast<size_t>(r))[c] = matrix(r, c);
    EXPECT_TRUE(factorised.Factorise());
    base.Set(factorised);
    EXPECT_TRUE(update.Set(base, {vectors.data(), static_cast<size_t>(n)}, static_cast<size_t>(count)));
  }

  Eigen::MatrixXd matrix, vectors, sum;  // vectors: a column each, which are rows to a reader of its memory
  Whitening base;
  LowRankUpdate update;
};

class LowRankUpdateOf : public testing::TestWithParam<std::tuple<int, int>> {
 protected:
  const int n_ = std::get<0>(GetParam()), count_ = std::get<1>(GetParam());
  Example example_{n_, count_};
};

TEST_P(LowRankUpdateOf, SolvesWithTheSumByWhatIsKnownOfTheBase) {
  RandomModels random(1);
  auto& [matrix, vectors, sum, base, update] = example_;
  const Eigen::VectorXd right = RandomMatrix(&random, n_, 1);
  AlignedVector<double> white(static_cast<size_t>(n_)), solution(white.size()), products(update.room());
  base.Whiten(right.data(), white.data());
  update.Multiply(white.data(), products.data());
  update.kernel().Solve(products.data(), products.data());
  for (double& weight : products) weight = -weight;
  update.Add(products.data(), white.data());
  base.Back(white.data(), solution.data());
  const Eigen::VectorXd expected = sum.llt().solve(right);
  EXPECT_LT((Eigen::Map<Eigen::VectorXd>(solution.data(), n_) - expected).norm(), 1e-11 * expected.norm());
}

TEST_P(LowRankUpdateOf, ShortensManyVectorsAtOnceEachByItself) {
  constexpr int kTogether = LowRankUpdate::kTogether;
  RandomModels random(2);
  auto& [matrix, vectors, sum, base, update] = example_;
  const Eigen::MatrixXd rights = RandomMatrix(&random, n_, kTogether);
  AlignedVector<double> side_by_side(static_cast<size_t>(n_ * kTogether)), white(side_by_side.size());
  const auto squares_of = [&](int first) {  // of the vectors from there on, those before them behind the last
    for (int c = 0; c < n_; ++c)
      for (int i = 0; i < kTogether; ++i) side_by_side[static_cast<size_t>(c * kTogether + i)] = rights(c, (first + i) % kTogether);
    base.WhitenTogether(side_by_side.data(), kTogether, white.data());
    std::array<double, kTogether> squares{}, taken_off{};
    SumSquares(white.data(), static_cast<size_t>(n_), squares.data());
    update.Shorten(white.data(), taken_off.data());
    for (size_t i = 0; i < squares.size(); ++i) squares[i] -= taken_off[i];
    return squares;
  };
  const auto squares = squares_of(0), turned = squares_of(3);
  for (int i = 0; i < kTogether; ++i) {
    const double expected = rights.col(i).dot(sum.llt().solve(rights.col(i)));
    EXPECT_NEAR(squares[static_cast<size_t>(i)], expected, 1e-10 * expected);
    EXPECT_EQ(turned[static_cast<size_t>(i)], squares[static_cast<size_t>((i + 3) % kTogether)]);
  }
}

TEST_P(LowRankUpdateOf, SolvesForManyAtOnceEachByItself) {
  constexpr int kTogether = LowRankUpdate::kTogether;
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, kTogether, Eigen::RowMajor>;
  RandomModels random(3);
  auto& [matrix, vectors, sum, base, update] = example_;
  const auto solve = [&](const RowMajor& rights) {
    AlignedVector<double> white(static_cast<size_t>(rights.size())), solutions(white.size());
    base.WhitenTogether(rights.data(), kTogether, white.data());
    update.TakeOff(white.data());
    base.BackTogether(white.data(), kTogether, solutions.data());
    return RowMajor(Eigen::Map<const RowMajor>(solutions.data(), n_, kTogether));
  };
  const RowMajor rights = RandomMatrix(&random, n_, kTogether), turned = rights.rowwise().reverse();
  const RowMajor solved = solve(rights), expected = sum.llt().solve(Eigen::MatrixXd(rights));
  for (int i = 0; i < kTogether; ++i) EXPECT_LT((solved.col(i) - expected.col(i)).norm(), 1e-10 * expected.col(i).norm()) << i;
  EXPECT_EQ(solve(turned).rowwise().reverse(), solved);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LowRankUpdateOf, testing::Combine(testing::Values(8, 32, 64), testing::Values(0, 1, 3, 4, 7, 8, 9, 13, 16)));

TEST(LowRankUpdate, OfASmallerOneAfterALargerOneIsItsOwn) {
  Example large(32, 16), small(32, 2);
  EXPECT_TRUE(large.update.Set(small.base, {small.vectors.data(), 32}, 2));
  ASSERT_EQ(large.update.room(), small.update.room());
  for (size_t row = 0; row < small.update.room(); ++row)
    for (size_t c = row; c < small.update.room(); ++c) EXPECT_EQ(large.update.kernel().Row(row)[c], small.update.kernel().Row(row)[c]);
}

TEST(LowRankUpdate, SaysWhenVectorsAreTooLong) {
  Example example(8, 1);
  const std::vector<double> vectors(16, 1e200);
  EXPECT_FALSE(example.update.Set(example.base, {vectors.data(), 8}, 2));
}

}  // namespace
}  // namespace catwalk::models
