#pragma once

#include <array>
#include <cstdint>

#include "models/comparison.h"
#include "models/features.h"
#include "models/ranker.h"

namespace catwalk::models {

/// The weights of the blend: shared by all, and what users of each experience and of each segment differ by. A design's score (its
/// logit) is the sum of weight times feature. The weight of kRanker is 1 while the ranker is in use, else 0.
struct BlendWeights {
  FeatureVector shared{};
  std::array<FeatureVector, kExperiences> offsets{};
  std::array<FeatureVector, kSegments> segments{};
  bool operator==(const BlendWeights&) const = default;

  /// What applies to the users of a cohort.
  FeatureVector For(const Cohort& cohort) const;
};

/// Where learning starts, and what serves until then: demand counts at every horizon alike, the user's own signals on top.
BlendWeights PriorBlend();

/// sum_f weights[f] features[f], in the order of the features.
float Logit(const FeatureVector& weights, const FeatureVector& features);

struct BlendOptions {
  /// Step size of AdaGrad. > 0.
  float rate = 0.1F;
  /// What the sum of squared gradients starts with: larger trusts the starting weights for longer. > 0.
  float first_square = 10.0F;
  /// Pull of the offsets towards 0, per comparison: of those for experiences, which stay what they are, and for segments, which move
  /// (decision 11).
  float shrinkage = 1e-4F;
  float segment_shrinkage = 3;
  RankerOptions ranker = {};
};

/// What is learned, and what AdaGrad remembers. Value type, the state of the model task.
struct BlendState {
  BlendWeights weights = PriorBlend();
  BlendWeights squares;                // sums of squared gradients
  int64_t comparisons = 0;
  RankerState ranker;
  bool operator==(const BlendState&) const = default;
};

/// -log of the probability that the softmax gives to the chosen design.
double Loss(const BlendWeights& weights, const Comparison& comparison);

/// One step of AdaGrad (Duchi, Hazan, Singer 2011) down that loss. Ignores a comparison without others or with a number that is not
/// finite. No weight grows past +-kMaxBlendWeight. The ranker learns beside it, from what the weights alone leave.
void Learn(const BlendOptions& options, const Comparison& comparison, BlendState* state);
inline constexpr float kMaxBlendWeight = 50.0F;

}  // namespace catwalk::models
