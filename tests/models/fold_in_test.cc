#include "models/fold_in.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

struct Reference {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd right;
  Eigen::VectorXd vector() const { return matrix.llt().solve(right); }
};

/// The normal equations as the header has them, in doubles; S from the factors themselves.
Reference Direct(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms, const FoldInOptions& options) {
  const int k = table.k();
  const auto factor = [&](int row) { return Eigen::Map<const Eigen::VectorXf>(table.Factor(row), k).cast<double>().eval(); };
  Reference reference{options.lambda * Eigen::MatrixXd::Identity(k, k), Eigen::VectorXd::Zero(k)};
  for (int row = 0; row < table.size(); ++row) reference.matrix += options.w0 * factor(row) * factor(row).transpose();
  for (const Interaction& entry : history) {
    const int row = table.RowOf(entry.design);
    if (row < 0 || !table.HasFactor(row)) continue;
    const double age = static_cast<double>(now_ms - entry.at_ms) / static_cast<double>(options.half_life_ms);
    const double weight = InteractionWeight(entry.kind, entry.magnitude) * std::exp2(-std::max(age, 0.0));
    reference.matrix += weight * factor(row) * factor(row).transpose();
    reference.right += weight * factor(row);
  }
  return reference;
}

Eigen::VectorXd AsVector(std::span<const float> vector, int k) {
  return Eigen::Map<const Eigen::VectorXf>(vector.data(), k).cast<double>();
}

void ExpectClose(std::span<const float> got, const Eigen::VectorXd& expected, int k) {
  EXPECT_LT((AsVector(got, k) - expected).norm(), 1e-4 * expected.norm());
  for (size_t i = static_cast<size_t>(k); i < got.size(); ++i) EXPECT_EQ(got[i], 0.0F);
}

TEST(Uncertainty, IsTheSolveMatrixTurnedRound) {
  RandomModels random(5);
  const auto table = RandomTable(&random, 100, 8);
  for (const int entries : {1, 2, 16, 17, 40}) {
    auto history = random.History(entries, 100);
    history.back() = {KeyOf("d7"), InteractionKind::kPurchase, 0, kNow};
    FoldIn fold_in({}, 8);
    Uncertainty uncertainty;
    ASSERT_TRUE(fold_in.Solve(*table, history, kNow).known);
    fold_in.TakeUncertainty(&uncertainty);
    const Eigen::MatrixXd covariance = Direct(*table, history, kNow, {}).matrix.inverse();
    std::vector<float> deviations(20);
    uncertainty.Of(table->factors().first(20 * 8), deviations);
    for (int row = 0; row < 20; ++row) {
      const Eigen::VectorXd q = AsVector({table->Factor(row), 8}, 8);
      EXPECT_NEAR(deviations[static_cast<size_t>(row)], std::sqrt(q.dot(covariance * q)), 1e-4) << entries << " " << row;
      float alone = 0;
      uncertainty.Of({table->Factor(row), 8}, {&alone, 1});
      EXPECT_EQ(alone, deviations[static_cast<size_t>(row)]);
    }
  }
}

class FoldsInAt : public testing::TestWithParam<int> {};

TEST_P(FoldsInAt, AgreesWithADirectSolveBeforeAndAfterTheLastEvent) {
  const int k = GetParam();
  for (unsigned seed = 0; seed < 10; ++seed) {
    RandomModels random(seed);
    const auto table = RandomTable(&random, 300, k);
    FoldIn fold_in({}, k);
    for (const int entries : {1, 2, 5, 16, 17, 18, 30, 100, 500}) {
      auto history = random.History(entries, 400);  // some of designs that are not there
      history.back() = {KeyOf("d7"), InteractionKind::kPurchase, 0, kNow};
      history.front() = {KeyOf("d8"), InteractionKind::kClick, 0, kNow - entries * kDay};
      const auto vector = fold_in.Solve(*table, history, kNow);
      ASSERT_TRUE(vector.known);
      ExpectClose(vector.values, Direct(*table, history, kNow, {}).vector(), k);
      const auto before = fold_in.WithoutLast();
      ASSERT_EQ(before.known, entries > 1);
      const std::span<const Interaction> without_last(history.data(), history.size() - 1);
      if (entries > 1) ExpectClose(before.values, Direct(*table, without_last, kNow, {}).vector(), k);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Dimensions, FoldsInAt, testing::Values(1, 8, 20, 32, 40, 64));

TEST(FoldIn, KnowsNobodyWithoutAnEntryThatCounts) {
  RandomModels random(1);
  const auto table = RandomTable(&random, 10, 32);
  FoldIn fold_in({}, 32);
  const std::vector<Interaction> of_no_weight{{KeyOf("d1"), InteractionKind::kReturn, 0, kNow}};
  const std::vector<Interaction> of_no_design{{KeyOf("x"), InteractionKind::kPurchase, 0, kNow}};
  for (const auto& history : {std::vector<Interaction>{}, of_no_weight, of_no_design}) {
    for (const auto vector : {fold_in.Solve(*table, history, kNow), fold_in.WithoutLast()}) {
      EXPECT_FALSE(vector.known);
      for (const float x : vector.values) EXPECT_EQ(x, 0.0F);
    }
    const int32_t row = 0;
    Uncertainty nothing;
    std::vector<int> entries;
    fold_in.LargestShares(*table, history, kNow, &nothing, {&row, 1}, ScoredBy::kOwnFactor, &entries);
    EXPECT_EQ(entries, std::vector<int>{-1});
  }
}

TEST(FoldIn, HasTheSameVectorBeforeAndAfterAnEventThatDoesNotCount) {
  RandomModels random(2);
  const auto table = RandomTable(&random, 50, 32);
  auto history = random.History(20, 50);
  FoldIn fold_in({}, 32);
  const auto alone = fold_in.Solve(*table, history, kNow);
  const std::vector<float> expected(alone.values.begin(), alone.values.end());
  history.push_back({KeyOf("x"), InteractionKind::kPurchase, 0, kNow});
  const auto vector = fold_in.Solve(*table, history, kNow), before = fold_in.WithoutLast();
  EXPECT_TRUE(before.known);
  EXPECT_EQ(before.values.data(), vector.values.data());
  EXPECT_LT((AsVector(vector.values, 32) - AsVector(expected, 32)).norm(), 1e-4 * AsVector(expected, 32).norm());
}

TEST(FoldIn, GivesTheSameBitsWhateverWasSolvedBeforeAndWhateverTheRowOrder) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    RandomModels random(seed);
    std::vector<std::pair<std::string, FactorEntry>> designs;
    for (int i = 0; i < 200; ++i) designs.emplace_back(Id(i), random.Factor(32));
    DesignTableBuilder one({}), other({});
    for (const auto& [id, entry] : designs) Apply(&one, id, entry);
    std::shuffle(designs.begin(), designs.end(), random.random());
    for (const auto& [id, entry] : designs) Apply(&other, id, entry);
    const auto history = random.History(80, 200);
    FoldIn fresh({}, 32), used({}, 32);
    used.Solve(*one.Publish(), random.History(300, 200), kNow);
    const auto a = fresh.Solve(*one.Publish(), history, kNow), b = used.Solve(*other.Publish(), history, kNow);
    EXPECT_TRUE(std::ranges::equal(a.values, b.values));
    EXPECT_TRUE(std::ranges::equal(fresh.WithoutLast().values, used.WithoutLast().values));
  }
}

/// The entry with the largest q_i' A^-1 c_j q_j, straight from the formula.
int LargestDirectly(const DesignTable& table, std::span<const Interaction> history, const Reference& reference, int row) {
  const Eigen::VectorXd share = reference.matrix.llt().solve(AsVector({table.Factor(row), 32}, 32));
  int largest_entry = -1;
  double largest = 0;
  for (size_t i = 0; i < history.size(); ++i) {
    const int of = table.RowOf(history[i].design);
    if (of < 0) continue;
    const double weight = InteractionWeight(history[i].kind, history[i].magnitude) *
                          std::exp2(-static_cast<double>(kNow - history[i].at_ms) / static_cast<double>(FoldInOptions{}.half_life_ms));
    const double value = weight * share.dot(AsVector({table.Factor(of), 32}, 32));
    if (value > largest * (1 + 1e-4)) largest = value, largest_entry = static_cast<int>(i);
  }
  return largest_entry;
}

// Short histories are solved otherwise than long ones; either way the last entry may count or not.
TEST(FoldIn, NamesTheEntriesWithTheLargestShareOfAScore) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    RandomModels random(seed);
    const auto table = RandomTable(&random, 100, 32);
    auto history = random.History(std::array{1, 15, 40}[seed % 3], 120);
    history.back() = {KeyOf("d3"), seed % 2 == 0 ? InteractionKind::kReturn : InteractionKind::kClick, 0, kNow};
    FoldIn fold_in({}, 32);
    Uncertainty uncertainty;
    if (fold_in.Solve(*table, history, kNow).known) fold_in.TakeUncertainty(&uncertainty);
    fold_in.Solve(*table, random.History(30, 120), kNow);  // somebody else in between
    const Reference reference = Direct(*table, history, kNow, {});
    std::vector<int32_t> rows(20);
    std::iota(rows.begin(), rows.end(), 0);
    std::vector<int> together, alone, expected;
    fold_in.LargestShares(*table, history, kNow, &uncertainty, rows, ScoredBy::kOwnFactor, &together);
    for (const int32_t row : rows) {
      fold_in.LargestShares(*table, history, kNow, &uncertainty, {&row, 1}, ScoredBy::kOwnFactor, &alone);
      expected.push_back(LargestDirectly(*table, history, reference, row));
      EXPECT_EQ(alone, std::vector<int>{expected.back()}) << seed << " " << row;
    }
    EXPECT_EQ(together, expected) << seed;
  }
}

TEST(FoldIn, SolvesForNewcomersWithTheTableAtHand) {
  RandomModels random(8);
  const auto earlier = RandomTable(&random, 100, 32), later = RandomTable(&random, 100, 32);
  const std::vector<Interaction> history{{KeyOf("d3"), InteractionKind::kPurchase, 0, kNow}};
  FoldIn used({}, 32), fresh({}, 32);
  used.Solve(*earlier, history, kNow);
  const auto a = used.Solve(*later, history, kNow), b = fresh.Solve(*later, history, kNow);
  EXPECT_TRUE(std::ranges::equal(a.values, b.values));
  const Eigen::VectorXd direct = Direct(*later, history, kNow, {}).vector();
  EXPECT_LT((AsVector(a.values, 32) - direct).norm(), 1e-5 * direct.norm());
}

TEST(FoldIn, CountsAnInteractionLaterThanNowAsOfNow) {
  RandomModels random(3);
  const auto table = RandomTable(&random, 10, 32);
  const int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  FoldIn fold_in({}, 32);
  const std::vector<Interaction> now{{KeyOf("d1"), InteractionKind::kClick, 0, kNow}};
  const std::vector<Interaction> later{{KeyOf("d1"), InteractionKind::kClick, 0, most}};
  const std::vector<Interaction> long_ago{{KeyOf("d1"), InteractionKind::kClick, 0, least}};
  const auto vector = fold_in.Solve(*table, now, kNow);
  const std::vector<float> expected(vector.values.begin(), vector.values.end());
  const auto got = fold_in.Solve(*table, later, kNow).values;
  EXPECT_TRUE(std::equal(got.begin(), got.end(), expected.begin()));
  EXPECT_FALSE(fold_in.Solve(*table, long_ago, most).known);
}

TEST(FoldIn, StaysFiniteOnTheLargestFactorsThereAre) {
  DesignTableBuilder builder({});
  FactorEntry entry{std::vector<float>(32, 1e30F), 1, kNow, 1};
  for (int i = 0; i < 100; ++i) {
    entry.factor[static_cast<size_t>(i % 32)] *= -1;
    Apply(&builder, Id(i), entry);
  }
  RandomModels random(4);
  FoldIn fold_in({.lambda = 1e-6F, .w0 = 0}, 32);
  for (const int entries : {10, 500}) {
    const auto vector = fold_in.Solve(*builder.Publish(), random.History(entries, 100), kNow);
    EXPECT_TRUE(vector.known);
    for (const float x : vector.values) EXPECT_TRUE(std::isfinite(x));
  }
}

TEST(FoldIn, ManagesWithOneDesignRepeated) {
  RandomModels random(5);
  const auto table = RandomTable(&random, 1, 32);
  FoldIn fold_in({}, 32);
  for (const size_t repeats : {16UL, 500UL}) {
    const std::vector<Interaction> history(repeats, {KeyOf("d0"), InteractionKind::kPurchase, 0, kNow});
    const auto vector = fold_in.Solve(*table, history, kNow);
    ExpectClose(vector.values, Direct(*table, history, kNow, {}).vector(), 32);
  }
}

}  // namespace
}  // namespace catwalk::models
