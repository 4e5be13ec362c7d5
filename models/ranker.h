#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/comparison.h"
#include "models/features.h"

namespace catwalk::models {

inline constexpr int kHiddenUnits = 16;

/// A small neural network that adds to the blend's logit what a weighed sum cannot say, how signals work together:
///   term = sum_u output_u max(0, bias_eu + sum_f input_uf z_f),  z_f = (x_f - mean_f) per_deviation_f within +-4,
/// e the user's experience. Its term is itself a feature, kRanker, whose weight is 1 or 0; it reads all others.
struct RankerWeights {
  FeatureVector mean{}, per_deviation{};
  std::array<FeatureVector, kHiddenUnits> input{};                       // 0 for kRanker
  std::array<std::array<float, kHiddenUnits>, kExperiences> bias{};
  std::array<float, kHiddenUnits> output{};
  bool operator==(const RankerWeights&) const = default;
};

/// Where learning starts: inputs drawn evenly, by a fixed seed, with variance 1 / kFeatures; a term of 0 for everything.
RankerWeights FirstRanker();

float RankerTerm(const RankerWeights& ranker, const FeatureVector& features, int experience);
/// Of many designs, equal to that of each alone bit for bit: columns[f][i] is feature f of design i, `terms[i]` gets its term. The
/// columns are as long as `terms`, a multiple of 8.
void RankerTerms(const RankerWeights& ranker, std::span<const float* const, kFeatures> columns, int experience, std::span<float> terms);

struct RankerOptions {
  /// Step size of AdaGrad. > 0.
  float rate = 0.1F;
  /// What the sums of squared gradients start with. > 0.
  float first_square = 1;
  /// Comparisons that what the ranker earns is averaged over.
  int window = 5'000;
  /// Standard errors above 0 at which it comes into use. It goes out of use when it earns nothing.
  double confidence = 3;
};

/// What is learned, and what learning remembers. Value type, part of the state of the model task.
struct RankerState {
  RankerWeights weights = FirstRanker();
  RankerWeights squares;               // sums of squared gradients; mean and per_deviation are not used
  FeatureVector variance{};
  int64_t comparisons = 0;
  double gain = 0, gain_variance = 0;  // of the loss without the ranker less that with it, each taken before it was learned from
  bool in_use = false;
  bool operator==(const RankerState&) const = default;
};

/// Judges the ranker by a usable comparison, then learns from it (prequential: Dawid 1984): one step of AdaGrad down the loss of the
/// blend with it. `blend` are the weights that apply to the user without the ranker. No weight grows past +-kMaxRankerWeight.
void Learn(const RankerOptions& options, const Comparison& comparison, const FeatureVector& blend, RankerState* state);
inline constexpr float kMaxRankerWeight = 20;

/// Whether all is finite and within what learning can make of it.
bool IsUsable(const RankerWeights& ranker);

}  // namespace catwalk::models
