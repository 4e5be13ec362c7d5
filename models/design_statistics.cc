#include "models/design_statistics.h"

#include <algorithm>
#include <cmath>

#include "models/cholesky.h"
#include "models/decay.h"
#include "models/lanes.h"

namespace catwalk::models {
namespace {

constexpr float kMaxWeight = 1e6F;
constexpr float kMaxComponent = 1e3F;
constexpr double kLargestComponent = 64;  // of a factor; what a table holds at most (kMaxFactorComponent)
constexpr int kRidgeTries = 12;

bool Usable(float weight) { return weight >= 0 && weight <= kMaxWeight; }

bool Usable(std::span<const float> vector, int k) {
  return vector.size() == static_cast<size_t>(k) &&
         std::all_of(vector.begin(), vector.end(), [](float x) { return std::fabs(x) <= kMaxComponent; });
}

/// to[i] = keep to[i] + scale from[i]. Each element on its own, so the width of a step does not show in the bits.
void ScaleAndAdd(float keep, float scale, const float* from, size_t n, float* to) {
  const Float8 keeps = Broadcast(keep), scales = Broadcast(scale);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) Store(to + i, MultiplyAdd(scales, Load(from + i), Multiply(keeps, Load(to + i))));
  for (; i < n; ++i) to[i] = std::fma(scale, from[i], keep * to[i]);
}

void AddVector(float keep, float weight, std::span<const float> p, DesignStatistics* statistics) {
  const size_t k = p.size();
  statistics->a.resize(k * (k + 1) / 2);
  statistics->b.resize(k);
  float* row = statistics->a.data();
  for (size_t i = 0; i < k; row += ++i) ScaleAndAdd(keep, weight * p[i], p.data(), i + 1, row);
  ScaleAndAdd(keep, weight, p.data(), k, statistics->b.data());
}

void ScaleSums(float keep, DesignStatistics* statistics) {
  if (keep == 1.0F) return;
  for (float& x : statistics->a) x *= keep;
  for (float& x : statistics->b) x *= keep;
}

/// The sum of four uniform 16-bit numbers.
int64_t SumOfFour(uint64_t bits) {
  return static_cast<int64_t>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
}

/// Writes the whole of A + lambda I, padding included, so that it can be factorised in blocks.
void FillMatrix(const DesignStatistics& statistics, size_t k, size_t n, double lambda, Cholesky<double>* matrix) {
  const float* lower = statistics.a.data();
  for (size_t i = 0; i < n; ++i) {
    std::fill_n(matrix->Row(i), n, 0.0);
    if (i < k && !statistics.a.empty()) {
      for (size_t j = 0; j <= i; ++j) matrix->Row(j)[i] = static_cast<double>(*lower++);
    }
    matrix->Row(i)[i] += lambda;
  }
}

/// (A + ridge I) q = b + lambda q0. False if the matrix is not positive definite or the factor is out of bounds.
bool SolveWith(double ridge, float lambda, const DesignStatistics& statistics, const std::vector<float>& prior,
               Cholesky<double>* matrix, std::vector<float>* factor) {
  const size_t k = prior.size(), n = (k + 7) / 8 * 8;
  FillMatrix(statistics, k, n, ridge, matrix);
  if (!matrix->Factorise()) return false;
  AlignedVector<double> x(n);
  for (size_t i = 0; i < k; ++i)
    x[i] = static_cast<double>(statistics.b[i]) + static_cast<double>(lambda) * static_cast<double>(prior[i]);
  matrix->Solve(x.data(), x.data());
  x.resize(k);
  const auto out_of_bounds = [](double v) { return !(std::fabs(v) <= kLargestComponent); };
  if (std::any_of(x.begin(), x.end(), out_of_bounds)) return false;
  std::transform(x.begin(), x.end(), factor->begin(), [](double v) { return static_cast<float>(v); });
  return true;
}

}  // namespace

void Update(const DesignSolveOptions& options, int64_t at_ms, float weight, std::span<const float> user_vector,
            DesignStatistics* statistics) {
  if (!Usable(weight)) return;
  if (statistics->updates == 0) statistics->at_ms = at_ms;
  const Decay decay(options.half_life_ms), popularity_decay(options.popularity_half_life_ms);
  const float keep = decay.Over(statistics->at_ms, at_ms);              // 1 for a late event
  const float fresh = weight * decay.Over(at_ms, statistics->at_ms);    // all of it for one that is not late
  if (Usable(user_vector, options.k)) {
    AddVector(keep, fresh, user_vector, statistics);
  } else {
    ScaleSums(keep, statistics);
  }
  statistics->popularity = std::fma(weight, popularity_decay.Over(at_ms, statistics->at_ms),
                                    statistics->popularity * popularity_decay.Over(statistics->at_ms, at_ms));
  statistics->weight += static_cast<double>(weight);
  statistics->at_ms = std::max(statistics->at_ms, at_ms);
  ++statistics->updates;
}

std::vector<float> SolveFactor(const DesignSolveOptions& options, const DesignStatistics& statistics, DesignKey design, bool* reset) {
  const auto k = static_cast<size_t>(options.k);
  const std::vector<float> prior = Prior(options.k, design);
  if (reset != nullptr) *reset = false;
  if (statistics.b.size() != k || statistics.a.size() != k * (k + 1) / 2) return prior;
  Cholesky<double> matrix(static_cast<int>((k + 7) / 8 * 8));
  std::vector<float> factor(k);
  auto ridge = static_cast<double>(options.lambda);
  for (int i = 0; i < kRidgeTries; ++i, ridge *= 10) {
    if (SolveWith(ridge, options.lambda, statistics, prior, &matrix, &factor)) return factor;
    if (reset != nullptr) *reset = true;
  }
  return prior;
}

// Twelve uniform numbers on [0, 1) sum to mean 6 and variance 1, close to normal. In integers up to one exact conversion,
// so that no library's logarithm or cosine is in the result.
std::vector<float> Prior(int k, DesignKey design) {
  const double scale = 1.0 / (65536.0 * std::sqrt(static_cast<double>(k)));
  std::vector<float> prior(static_cast<size_t>(k));
  uint64_t counter = Mix64(design);
  for (float& x : prior) {
    const int64_t sum = SumOfFour(Mix64(counter)) + SumOfFour(Mix64(counter + 1)) + SumOfFour(Mix64(counter + 2));
    counter += 3;
    x = static_cast<float>(static_cast<double>(sum - 6 * 65535) * scale);
  }
  return prior;
}

}  // namespace catwalk::models
