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

void Add(const FeatureVector& offset, FeatureVector* weights) {
  for (size_t f = 0; f < offset.size(); ++f) (*weights)[f] += offset[f];
}

/// `shrinkage` draws the weights towards 0.
void Climb(const BlendOptions& options, const FeatureVector& gradient, float shrinkage, FeatureVector* weights, FeatureVector* squares) {
  for (size_t f = 0; f < gradient.size(); ++f) {
    if (f == kRanker || !std::isfinite(gradient[f])) continue;
    StepUp(options.rate, options.first_square, kMaxBlendWeight, gradient[f] - shrinkage * (*weights)[f], &(*weights)[f], &(*squares)[f]);
  }
}

}  // namespace

FeatureVector BlendWeights::For(const Cohort& cohort) const {
  FeatureVector weights = shared;
  Add(offsets[static_cast<size_t>(cohort.experience)], &weights);
  if (cohort.segment != kNoSegment) Add(segments[static_cast<size_t>(cohort.segment)], &weights);
  return weights;
}

BlendWeights PriorBlend() {
  BlendWeights prior;
  for (int h = 0; h < kHorizons; ++h) prior.shared[static_cast<size_t>(kRecentDemand + h)] = 0.2F;
  prior.shared[kNeighbourhood] = prior.shared[kLongNeighbourhood] = 0.5F;
  for (int a = 0; a < kAttributes; ++a) prior.shared[static_cast<size_t>(kAffinity + a)] = 0.2F;
  prior.shared[kProfileDemand] = prior.shared[kSegmentDemand] = 0.5F;
  prior.shared[kFoldIn] = 1.0F;
  return prior;
}

float Logit(const FeatureVector& weights, const FeatureVector& features) {
  float sum = 0;
  for (size_t f = 0; f < features.size(); ++f) sum = std::fma(weights[f], features[f], sum);
  return sum;
}

double Loss(const BlendWeights& weights, const Comparison& comparison) {
  const FeatureVector applied = weights.For(comparison.cohort);
  return LossOf(Softmax(comparison, [&](const FeatureVector& features) { return Logit(applied, features); }));
}

void Learn(const BlendOptions& options, const Comparison& comparison, BlendState* state) {
  if (!IsUsable(comparison)) return;
  BlendWeights &learned = state->weights, &squares = state->squares;
  FeatureVector weights = learned.For(comparison.cohort);
  weights[kRanker] = 0;
  const FeatureVector gradient = Gradient(weights, comparison);
  Learn(options.ranker, comparison, weights, &state->ranker);
  learned.shared[kRanker] = state->ranker.in_use ? 1.0F : 0.0F;
  const auto experience = static_cast<size_t>(comparison.cohort.experience), segment = static_cast<size_t>(comparison.cohort.segment);
  Climb(options, gradient, 0, &learned.shared, &squares.shared);
  Climb(options, gradient, options.shrinkage, &learned.offsets[experience], &squares.offsets[experience]);
  if (comparison.cohort.segment != kNoSegment)
    Climb(options, gradient, options.segment_shrinkage, &learned.segments[segment], &squares.segments[segment]);
  ++state->comparisons;
}

}  // namespace catwalk::models
