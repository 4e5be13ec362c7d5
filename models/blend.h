#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/features.h"

namespace catwalk::models {

/// How well a user is known, by the interactions there are: none, one to three, more.
inline constexpr int kExperiences = 3;
int ExperienceOf(size_t interactions);

/// The weights of the blend: shared by all, and what users of each experience differ by. A design's score (its logit) is the sum of
/// weight times feature.
struct BlendWeights {
  FeatureVector shared{};
  std::array<FeatureVector, kExperiences> offsets{};
  bool operator==(const BlendWeights&) const = default;

  /// What applies to a user of that experience.
  FeatureVector For(int experience) const;
};

/// Where learning starts, and what serves until then: demand counts at every horizon alike, the user's own signals on top.
BlendWeights PriorBlend();

/// sum_f weights[f] features[f], in the order of the features.
float Logit(const FeatureVector& weights, const FeatureVector& features);

/// A design that a user chose beside some that the blend ranked high for them and they did not choose; the features are as they were
/// before the choice.
struct Comparison {
  FeatureVector chosen{};
  std::vector<FeatureVector> others;   // drawn evenly
  int drawn_from = 0;                  // so many designs
  int experience = 0;
  bool operator==(const Comparison&) const = default;
};

struct BlendOptions {
  /// Step size of AdaGrad. > 0.
  float rate = 0.1F;
  /// What the sum of squared gradients starts with: larger trusts the starting weights for longer. > 0.
  float first_square = 10.0F;
  /// Pull of the offsets towards 0, per comparison.
  float shrinkage = 1e-4F;
};

/// What is learned, and what AdaGrad remembers. Value type, the state of the model task.
struct BlendState {
  BlendWeights weights = PriorBlend();
  BlendWeights squares;                // sums of squared gradients
  int64_t comparisons = 0;
  bool operator==(const BlendState&) const = default;
};

/// -log of the probability that the softmax over the chosen design and the others gives to the chosen one. Logits of drawn designs are
/// raised by log(drawn_from / drawn) (the log-Q correction: Bengio, Senécal 2008), so that the sum stands for all of them.
double Loss(const BlendWeights& weights, const Comparison& comparison);

/// One step of AdaGrad (Duchi, Hazan, Singer 2011) down that loss. Ignores a comparison without others or with a number that is not
/// finite. No weight grows past +-kMaxBlendWeight.
void Learn(const BlendOptions& options, const Comparison& comparison, BlendState* state);
inline constexpr float kMaxBlendWeight = 50.0F;

}  // namespace catwalk::models
