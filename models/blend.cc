#include "models/blend.h"

#include <algorithm>
#include <cmath>

#include "models/adagrad.h"

namespace catwalk::models {
namespace {

/// Of the log-likelihood: the chosen features less what the softmax expects.
FeatureVector Gradient(const FeatureVector& weights, const Comparison& comparison) {
  const auto shares = Softmax(comparison, [&](const FeatureVector& features) { return Logit(weights, features); });
  FeatureVector gradient{};
  for (size_t f = 0; f < gradient.size(); ++f) {
    double expected = shares[0] * static_cast<double>(comparison.chosen[f]);
    for (size_t i = 0; i < comparison.others.size(); ++i)
      expected += shares[i + 1] * static_cast<double>(comparison.others[i][f]);
    gradient[f] = static_cast<float>(static_cast<double>(comparison.chosen[f]) - expected);
  }
  return gradient;
}

void Step(const BlendOptions& options, float gradient, float* weight, float* square) {
  StepUp(options.rate, options.first_square, kMaxBlendWeight, gradient, weight, square);
}

}  // namespace

FeatureVector BlendWeights::For(int experience) const {
  FeatureVector weights = shared;
  const auto& offset = offsets[static_cast<size_t>(experience)];
  for (size_t f = 0; f < weights.size(); ++f) weights[f] += offset[f];
  return weights;
}

BlendWeights PriorBlend() {
  BlendWeights prior;
  for (int h = 0; h < kHorizons; ++h) prior.shared[static_cast<size_t>(kRecentDemand + h)] = 0.2F;
  prior.shared[kNeighbourhood] = prior.shared[kLongNeighbourhood] = 0.5F;
  for (int a = 0; a < kAttributes; ++a) prior.shared[static_cast<size_t>(kAffinity + a)] = 0.2F;
  prior.shared[kProfileDemand] = 0.5F;
  prior.shared[kFoldIn] = 1.0F;
  return prior;
}

float Logit(const FeatureVector& weights, const FeatureVector& features) {
  float sum = 0;
  for (size_t f = 0; f < features.size(); ++f) sum = std::fma(weights[f], features[f], sum);
  return sum;
}

double Loss(const BlendWeights& weights, const Comparison& comparison) {
  const FeatureVector applied = weights.For(comparison.experience);
  return LossOf(Softmax(comparison, [&](const FeatureVector& features) { return Logit(applied, features); }));
}

void Learn(const BlendOptions& options, const Comparison& comparison, BlendState* state) {
  if (!IsUsable(comparison)) return;
  const auto experience = static_cast<size_t>(comparison.experience);
  FeatureVector weights = state->weights.For(comparison.experience);
  weights[kRanker] = 0;
  const FeatureVector gradient = Gradient(weights, comparison);
  Learn(options.ranker, comparison, weights, &state->ranker);
  state->weights.shared[kRanker] = state->ranker.in_use ? 1.0F : 0.0F;
  auto& offset = state->weights.offsets[experience];
  for (size_t f = 0; f < gradient.size(); ++f) {
    if (f == kRanker || !std::isfinite(gradient[f])) continue;
    Step(options, gradient[f], &state->weights.shared[f], &state->squares.shared[f]);
    Step(options, gradient[f] - options.shrinkage * offset[f], &offset[f], &state->squares.offsets[experience][f]);
  }
  ++state->comparisons;
}

}  // namespace catwalk::models
