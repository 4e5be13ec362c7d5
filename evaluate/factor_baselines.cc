#include <Eigen/Dense>

#include <algorithm>
#include <limits>
#include <random>

#include "evaluate/baseline.h"
#include "evaluate/event_decay.h"

namespace catwalk::evaluate {
namespace {

using Vector = Eigen::VectorXf;
/// Columns are users or designs.
using Factors = Eigen::MatrixXf;

/// Grows a matrix to `columns`, new ones drawn from N(0, deviation^2).
void Grow(int64_t columns, float deviation, std::mt19937_64* random, Factors* factors) {
  const auto had = factors->cols();
  if (columns <= had) return;
  const auto room = std::max<int64_t>(columns, had + had / 2 + 64);
  std::normal_distribution<float> normal(0, deviation);
  factors->conservativeResize(Eigen::NoChange, room);
  for (auto column = had; column < room; ++column)
    for (Eigen::Index i = 0; i < factors->rows(); ++i) (*factors)(i, column) = normal(*random);
}

void WriteProducts(const Vector& user, const Factors& designs, std::span<float> scores) {
  const auto known = std::min(designs.cols(), static_cast<Eigen::Index>(scores.size()));
  Eigen::Map<Vector>(scores.data(), known) = designs.leftCols(known).transpose() * user;
  std::fill(scores.begin() + known, scores.end(), 0.0F);
}

class Isgd final : public Baseline {
 public:
  explicit Isgd(uint64_t seed) : random_(seed) {}
  std::string_view Name() const override { return "isgd"; }

  void Score(const Choice& before, std::span<float> scores) override {
    if (static_cast<size_t>(before.user) >= known_.size() || !known_[static_cast<size_t>(before.user)]) {
      return std::fill(scores.begin(), scores.end(), -std::numeric_limits<float>::infinity());
    }
    WriteProducts(users_.col(before.user), designs_, scores);
  }

  void Learn(const Choice& choice) override {
    Grow(choice.user + 1, kDeviation, &random_, &users_);
    Grow(choice.design + 1, kDeviation, &random_, &designs_);
    if (known_.size() <= static_cast<size_t>(choice.user)) known_.resize(static_cast<size_t>(choice.user) + 1);
    known_[static_cast<size_t>(choice.user)] = true;
    auto user = users_.col(choice.user);
    auto design = designs_.col(choice.design);
    const float error = 1 - user.dot(design);
    user += kRate * (error * design - kRidge * user);
    design += kRate * (error * user - kRidge * design);
  }

 private:
  static constexpr int kLength = 10;
  // A larger rate or start runs away where most users are new: a design grows without bound along random directions.
  static constexpr float kRate = 0.05F, kRidge = 0.04F, kDeviation = 0.01F;

  std::mt19937_64 random_;
  Factors users_{kLength, 0}, designs_{kLength, 0};
  std::vector<bool> known_;
};

class Ials final : public Baseline {
 public:
  explicit Ials(uint64_t seed) : random_(seed) {}
  std::string_view Name() const override { return "ials"; }

  void Score(const Choice& before, std::span<float> scores) override {
    const auto user = static_cast<size_t>(before.user);
    if (user >= by_user_.size() || by_user_[user].empty() || designs_.cols() == 0) return fallback_.Write(scores);
    WriteProducts(Solve(designs_, gram_, by_user_[user]), designs_, scores);
  }

  void Learn(const Choice& choice) override {
    Add(choice.user, choice.design, &by_user_);
    Add(choice.design, choice.user, &by_design_);
    fallback_.Tick();
    fallback_.Add(choice.design);
    if (++events_ >= next_training_) Train();
  }

 private:
  using Lists = std::vector<std::vector<int32_t>>;
  static constexpr int kLength = 16, kSweeps = 5;
  static constexpr float kRidge = 1.0F, kUnobserved = 0.01F, kDeviation = 0.1F;
  static constexpr int64_t kFirstTraining = 2'000;

  static void Add(int32_t to, int32_t what, Lists* lists) {
    const auto at = static_cast<size_t>(to);
    if (lists->size() <= at) lists->resize(at + 1);
    (*lists)[at].push_back(what);
  }

  static Factors Gram(const Factors& factors) { return kUnobserved * (factors * factors.transpose()); }

  /// (a0 S + sum q q' + ridge I) p = sum q over those chosen that have a factor.
  static Vector Solve(const Factors& factors, const Factors& gram, const std::vector<int32_t>& chosen) {
    Factors matrix = gram;
    matrix.diagonal().array() += kRidge;
    Vector right = Vector::Zero(kLength);
    for (const int32_t one : chosen) {
      if (one >= factors.cols()) continue;
      matrix.selfadjointView<Eigen::Lower>().rankUpdate(factors.col(one));
      right += factors.col(one);
    }
    return matrix.selfadjointView<Eigen::Lower>().llt().solve(right);
  }

  static void SolveAll(const Factors& from, const Lists& lists, Factors* to) {
    const Factors gram = Gram(from);
    for (size_t i = 0; i < lists.size(); ++i) to->col(static_cast<Eigen::Index>(i)) = Solve(from, gram, lists[i]);
  }

  void Train() {
    next_training_ = 2 * events_;
    Factors designs(kLength, 0);
    Grow(static_cast<int64_t>(by_design_.size()), kDeviation, &random_, &designs);
    designs.conservativeResize(Eigen::NoChange, static_cast<Eigen::Index>(by_design_.size()));
    const auto had = std::min(designs_.cols(), designs.cols());
    designs.leftCols(had) = designs_.leftCols(had);
    Factors users(kLength, static_cast<Eigen::Index>(by_user_.size()));
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      SolveAll(designs, by_user_, &users);
      SolveAll(users, by_design_, &designs);
    }
    designs_ = std::move(designs);
    gram_ = Gram(designs_);
  }

  std::mt19937_64 random_;
  int64_t events_ = 0, next_training_ = kFirstTraining;
  Lists by_user_, by_design_;
  Factors designs_{kLength, 0}, gram_;
  DecayedCounts fallback_{5'000};
};

}  // namespace

std::unique_ptr<Baseline> MakeIsgd(uint64_t seed) { return std::make_unique<Isgd>(seed); }
std::unique_ptr<Baseline> MakeIals(uint64_t seed) { return std::make_unique<Ials>(seed); }

}  // namespace catwalk::evaluate
