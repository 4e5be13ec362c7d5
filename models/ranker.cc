#include "models/ranker.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/hash.h"
#include "models/adagrad.h"
#include "models/blend.h"
#include "models/lanes.h"

namespace catwalk::models {
namespace {

constexpr float kLargestInput = 4;
constexpr float kLeastVariance = 1e-3F;
constexpr float kLargestMean = 1e6F;
/// Comparisons after which what features are standardised by hardly moves.
constexpr int64_t kSettled = 1'000;

/// A sum of products waits for itself: so many next to each other keep the CPU busy.
constexpr size_t kUnitsAtOnce = 8;
static_assert(kHiddenUnits % kUnitsAtOnce == 0);

using Activations = std::array<float, kHiddenUnits>;

FeatureVector Standardised(const RankerWeights& ranker, const FeatureVector& features) {
  FeatureVector z{};
  for (size_t f = 0; f < z.size(); ++f)
    z[f] = std::clamp((features[f] - ranker.mean[f]) * ranker.per_deviation[f], -kLargestInput, kLargestInput);
  z[kRanker] = 0;
  return z;
}

Activations ActivationsOf(const RankerWeights& ranker, const FeatureVector& z, int experience) {
  Activations activations = ranker.bias[static_cast<size_t>(experience)];
  for (size_t u = 0; u < activations.size(); ++u) {
    for (size_t f = 0; f < z.size(); ++f) activations[u] = std::fma(ranker.input[u][f], z[f], activations[u]);
    activations[u] = std::max(activations[u], 0.0F);
  }
  return activations;
}

float TermOf(const RankerWeights& ranker, const Activations& activations) {
  float term = 0;
  for (size_t u = 0; u < activations.size(); ++u) term = std::fma(ranker.output[u], activations[u], term);
  return term;
}

void Step(const RankerOptions& options, float gradient, float* weight, float* square) {
  StepUp(options.rate, options.first_square, kMaxRankerWeight, gradient, weight, square);
}

/// Sums over the designs of a comparison of the log-likelihood's slopes.
struct Slopes {
  std::array<FeatureVector, kHiddenUnits> input{};
  Activations bias{}, output{};
};

void AddSlopes(const RankerWeights& ranker, const FeatureVector& z, const Activations& activations, float logit_slope, Slopes* slopes) {
  for (size_t u = 0; u < activations.size(); ++u) {
    slopes->output[u] += logit_slope * activations[u];
    if (activations[u] <= 0) continue;
    const float slope = logit_slope * ranker.output[u];
    slopes->bias[u] += slope;
    for (size_t f = 0; f < z.size(); ++f) slopes->input[u][f] = std::fma(slope, z[f], slopes->input[u][f]);
  }
}

void Judge(const RankerOptions& options, double gain, RankerState* state) {
  if (!std::isfinite(gain)) return;
  const auto known = static_cast<double>(std::min<int64_t>(state->comparisons, options.window));
  const double share = 1 / std::max(known, 1.0), miss = gain - state->gain;
  state->gain += share * miss;
  state->gain_variance += share * (miss * miss - state->gain_variance);
  if (state->gain <= 0) state->in_use = false;
  const bool sure = state->gain > options.confidence * std::sqrt(state->gain_variance / std::max(known, 1.0));
  if (state->comparisons >= options.window / 5 && sure) state->in_use = true;
}

/// What features are standardised by follows them slowly.
void Observe(const Comparison& comparison, RankerState* state) {
  const float share = 1 / static_cast<float>(std::min<int64_t>(state->comparisons, kSettled));
  const auto designs = static_cast<float>(comparison.others.size() + 1);
  for (size_t f = 0; f < kFeatures; ++f) {
    float& mean = state->weights.mean[f];
    float sum = comparison.chosen[f], squares = 0;
    for (const auto& other : comparison.others) sum += other[f];
    mean = std::clamp(mean + share * (sum / designs - mean), -kLargestMean, kLargestMean);
    const auto add = [&](const FeatureVector& features) { squares += (features[f] - mean) * (features[f] - mean); };
    add(comparison.chosen);
    for (const auto& other : comparison.others) add(other);
    const float variance = state->variance[f] + share * (squares / designs - state->variance[f]);
    if (!std::isfinite(variance)) continue;
    state->variance[f] = variance;
    state->weights.per_deviation[f] = f == kRanker ? 0 : 1 / std::sqrt(variance + kLeastVariance);
  }
}

void Climb(const RankerOptions& options, const Slopes& slopes, int experience, RankerState* state) {
  RankerWeights &weights = state->weights, &squares = state->squares;
  const auto e = static_cast<size_t>(experience);
  for (size_t u = 0; u < kHiddenUnits; ++u) {
    Step(options, slopes.output[u], &weights.output[u], &squares.output[u]);
    Step(options, slopes.bias[u], &weights.bias[e][u], &squares.bias[e][u]);
    for (size_t f = 0; f < kFeatures; ++f) Step(options, slopes.input[u][f], &weights.input[u][f], &squares.input[u][f]);
  }
}

bool AllWithin(std::span<const float> numbers, float limit) {
  return std::all_of(numbers.begin(), numbers.end(), [limit](float x) { return std::fabs(x) <= limit; });
}

}  // namespace

RankerWeights FirstRanker() {
  RankerWeights ranker;
  const float limit = std::sqrt(3.0F / static_cast<float>(kFeatures));
  uint64_t draw = 0;
  for (auto& unit : ranker.input) {
    for (float& weight : unit) weight = limit * (static_cast<float>(Mix64(++draw) >> 40) * 0x1p-23F - 1);
    unit[kRanker] = 0;
  }
  return ranker;
}

float RankerTerm(const RankerWeights& ranker, const FeatureVector& features, int experience) {
  return TermOf(ranker, ActivationsOf(ranker, Standardised(ranker, features), experience));
}

void RankerTerms(const RankerWeights& ranker, std::span<const float* const, kFeatures> columns, int experience, std::span<float> terms) {
  const auto& bias = ranker.bias[static_cast<size_t>(experience)];
  const Float8 largest = Broadcast(kLargestInput), least = Broadcast(-kLargestInput), zero = Broadcast(0.0F);
  for (size_t i = 0; i < terms.size(); i += 8) {
    Float8 z[kFeatures];
    for (size_t f = 0; f < kFeatures; ++f) {
      const Float8 scaled = Multiply(Subtract(Load(columns[f] + i), Broadcast(ranker.mean[f])), Broadcast(ranker.per_deviation[f]));
      z[f] = f == kRanker ? zero : Smaller(Larger(scaled, least), largest);
    }
    Float8 term = zero;
    for (size_t first = 0; first < kHiddenUnits; first += kUnitsAtOnce) {
      Float8 activations[kUnitsAtOnce];
      for (size_t u = 0; u < kUnitsAtOnce; ++u) activations[u] = Broadcast(bias[first + u]);
      for (size_t f = 0; f < kFeatures; ++f)
        for (size_t u = 0; u < kUnitsAtOnce; ++u)
          activations[u] = MultiplyAdd(Broadcast(ranker.input[first + u][f]), z[f], activations[u]);
      for (size_t u = 0; u < kUnitsAtOnce; ++u)
        term = MultiplyAdd(Broadcast(ranker.output[first + u]), Larger(activations[u], zero), term);
    }
    Store(&terms[i], term);
  }
}

void Learn(const RankerOptions& options, const Comparison& comparison, const FeatureVector& blend, RankerState* state) {
  const RankerWeights& ranker = state->weights;
  std::vector<const FeatureVector*> designs{&comparison.chosen};
  for (const auto& other : comparison.others) designs.push_back(&other);
  std::vector<FeatureVector> z;
  std::vector<Activations> activations;
  for (const auto* features : designs) {
    z.push_back(Standardised(ranker, *features));
    activations.push_back(ActivationsOf(ranker, z.back(), comparison.cohort.experience));
  }
  size_t next = 0;
  const auto plain = Softmax(comparison, [&](const FeatureVector& features) { return Logit(blend, features); });
  const auto shares = Softmax(comparison, [&](const FeatureVector& features) {
    return Logit(blend, features) + TermOf(ranker, activations[next++]);
  });
  ++state->comparisons;
  Judge(options, LossOf(plain) - LossOf(shares), state);
  Slopes slopes;
  for (size_t i = 0; i < designs.size(); ++i)
    AddSlopes(ranker, z[i], activations[i], (i == 0 ? 1.0F : 0.0F) - static_cast<float>(shares[i]), &slopes);
  Climb(options, slopes, comparison.cohort.experience, state);
  Observe(comparison, state);
}

bool IsUsable(const RankerWeights& ranker) {
  const auto usable = [](const auto& weights) { return AllWithin(weights, kMaxRankerWeight); };
  return AllWithin(ranker.mean, kLargestMean) && AllWithin(ranker.per_deviation, 1 / std::sqrt(kLeastVariance)) && usable(ranker.output) &&
         std::all_of(ranker.input.begin(), ranker.input.end(), usable) && std::all_of(ranker.bias.begin(), ranker.bias.end(), usable);
}

}  // namespace catwalk::models
