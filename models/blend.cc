#include "models/blend.h"

#include <algorithm>
#include <cmath>

namespace catwalk::models {
namespace {

bool IsFinite(const FeatureVector& features) {
  return std::all_of(features.begin(), features.end(), [](float x) { return std::isfinite(x); });
}

bool IsUsable(const Comparison& comparison) {
  return !comparison.others.empty() && comparison.drawn_from > 0 && comparison.experience >= 0 &&
         comparison.experience < kExperiences && IsFinite(comparison.chosen) &&
         std::all_of(comparison.others.begin(), comparison.others.end(), IsFinite);
}

/// Probabilities of the chosen design (first) and of the others.
std::vector<double> Softmax(const FeatureVector& weights, const Comparison& comparison) {
  const double correction =
      std::log(static_cast<double>(comparison.drawn_from) / static_cast<double>(comparison.others.size()));
  std::vector<double> shares{static_cast<double>(Logit(weights, comparison.chosen))};
  for (const auto& other : comparison.others) shares.push_back(static_cast<double>(Logit(weights, other)) + correction);
  const double largest = *std::max_element(shares.begin(), shares.end());
  double sum = 0;
  for (double& share : shares) sum += share = std::exp(share - largest);
  for (double& share : shares) share /= sum;
  return shares;
}

/// Of the log-likelihood: the chosen features less what the softmax expects.
FeatureVector Gradient(const FeatureVector& weights, const Comparison& comparison) {
  const std::vector<double> shares = Softmax(weights, comparison);
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
  *square += gradient * gradient;
  const float moved = *weight + options.rate * gradient / std::sqrt(options.first_square + *square);
  if (std::isfinite(moved)) *weight = std::clamp(moved, -kMaxBlendWeight, kMaxBlendWeight);
}

}  // namespace

int ExperienceOf(size_t interactions) { return interactions == 0 ? 0 : interactions < 4 ? 1 : 2; }

FeatureVector BlendWeights::For(int experience) const {
  FeatureVector weights = shared;
  const auto& offset = offsets[static_cast<size_t>(experience)];
  for (size_t f = 0; f < weights.size(); ++f) weights[f] += offset[f];
  return weights;
}

BlendWeights PriorBlend() {
  BlendWeights prior;
  for (int h = 0; h < kHorizons; ++h) prior.shared[static_cast<size_t>(kRecentDemand + h)] = 0.2F;
  prior.shared[kNeighbourhood] = 0.5F;
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
  return -std::log(std::max(Softmax(weights.For(comparison.experience), comparison)[0], 1e-300));
}

void Learn(const BlendOptions& options, const Comparison& comparison, BlendState* state) {
  if (!IsUsable(comparison)) return;
  const auto experience = static_cast<size_t>(comparison.experience);
  const FeatureVector gradient = Gradient(state->weights.For(comparison.experience), comparison);
  auto& offset = state->weights.offsets[experience];
  for (size_t f = 0; f < gradient.size(); ++f) {
    if (!std::isfinite(gradient[f])) continue;
    Step(options, gradient[f], &state->weights.shared[f], &state->squares.shared[f]);
    Step(options, gradient[f] - options.shrinkage * offset[f], &offset[f], &state->squares.offsets[experience][f]);
  }
  ++state->comparisons;
}

}  // namespace catwalk::models
