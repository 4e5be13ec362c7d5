#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/sizes.h"

namespace catwalk::models {

/// What a wearer says of a size they took.
enum class Fit : int { kSmall, kTrue, kLarge };
inline constexpr int kFits = 3;

/// A cumulative logit model (McCullagh 1980) whose thresholds may move too. With sigma the logistic function,
///   P(large) = sigma(shift - half), P(small) = sigma(-shift - half), half = exp(width), P(true) = the rest.
/// `shift` says towards which side it does not fit, `width` how much it forgives. Both are sums of parts: the design's, the
/// user's, and what the model gives all. Each is learned where it belongs, from what the others were before.
struct FitScore {
  double shift = 0;
  double width = 0;   // log of half the range, in logits, that fits
  FitScore& operator+=(const FitScore& part) {
    shift += part.shift;
    width += part.width;
    return *this;
  }
};

using FitProbabilities = std::array<double, kFits>;   // by Fit; all above 0, their sum is 1
/// Scores are cut at +-kMaxShift and [-kMaxWidth, kMaxWidth]; one that is not finite counts as 0.
FitProbabilities ProbabilitiesOf(const FitScore& score);
inline constexpr double kMaxShift = 20, kMaxWidth = 3;

/// What is learned of one design or one user. The informations are sums of expected curvatures, undecayed: bodies and patterns stay.
struct FitPart {
  float shift = 0, shift_information = 0;
  float width = 0, width_information = 0;
  FitScore score() const { return {static_cast<double>(shift), static_cast<double>(width)}; }
  bool operator==(const FitPart&) const = default;
};

/// What is known of how a design fits. `seen` are the sizes it was bought in, at most kMaxSizesSeen, in the order they came.
struct DesignFit {
  FitPart part;
  int64_t outcomes = 0;
  std::vector<OfferedSize> seen;
  bool operator==(const DesignFit&) const = default;

  /// Remembers a size that has a place on a scale.
  void Note(std::string_view size);
};
inline constexpr size_t kMaxSizesSeen = 32;

/// How far parts are from 0 before anything is known of them: variances, in logits and in logs.
struct FitPrior {
  double shift = 1;
  double width = 0.05;
};
inline constexpr FitPrior kDesignFitPrior{1, 0.05};
inline constexpr FitPrior kUserFitPrior{0.25, 0.05};   // bodies differ less than patterns do, once their size is allowed for

/// One step of Fisher scoring under a Gaussian prior (an extended Kalman filter for a constant: Fahrmeir 1992). `score` is the whole
/// score as it was before, this part included. Ignores a score that is not finite; a part stays within +-kMaxPart.
void Learn(const FitPrior& prior, const FitScore& score, Fit fit, FitPart* part);
inline constexpr float kMaxPart = 8;
inline constexpr float kMaxInformation = 1e6F;

/// Body and foot measures in standard deviations from the mean: age, height, weight, bust band, waist, hips, foot length and width.
inline constexpr int kMeasures = 8;
using Measures = std::array<float, kMeasures>;

/// Of the sizes a user took, on one scale.
struct SizeSum {
  uint32_t count = 0;
  float sum = 0;
  bool operator==(const SizeSum&) const = default;
};

/// What is known of a user's size and of how things fit them.
struct UserFit {
  FitPart part;
  std::array<SizeSum, kSizeScales> sizes{};
  Measures measures{};       // 0 where unknown
  bool measured = false;     // some are known
  bool operator==(const UserFit&) const = default;

  bool HasOwnSizes() const { return sizes[0].count + sizes[1].count > 0; }
  /// False: no size can be chosen for this user.
  bool TellsSize() const { return HasOwnSizes() || measured; }
  void Add(const Size& size);
  void Remove(const Size& size);
};

/// What the size taken says. Sizes are in standard deviations of all sizes taken on their scale.
enum FitFeature : int {
  kFitBias,
  kOwnDeviation,        // the size less the mean of those the user took before, 0 for a user with none
  kProfileDeviation,    // the size less what the user's measures suggest, 0 for a user with sizes of their own
  kUsualSize,           // that mean or suggestion itself
  kFitFeatures,
};
using FitFeatures = std::array<float, kFitFeatures>;

/// What belongs to no design and no user; a record of the global table `model`.
struct FitModel {
  struct Spread {
    float mean = 0, deviation = 0;   // deviation 0: not known yet
    bool operator==(const Spread&) const = default;
  };
  FitFeatures weights{};
  float width = 0.6931472F;                            // exp(width) = 2: 76 % fit
  std::array<Spread, kSizeScales> spreads{};
  std::array<float, kMeasures + 1> size_weights{};     // from measures to a size; the last is the intercept
  bool operator==(const FitModel&) const = default;

  /// In standard deviations from the mean of its scale, within +-4; 0 before two different ones are known.
  double Standardised(const Size& size) const;
  /// The mean of the sizes a user took, else what their measures suggest.
  double UsualSizeOf(const UserFit& user) const;
  FitFeatures FeaturesOf(const UserFit& user, const Size& taken) const;
  FitScore ScoreOf(const FitFeatures& features) const;
};

/// How a size fits that a user took by their own choice: `design` is null for one nobody has said anything of.
FitScore ScoreOfTaken(const FitModel& model, const UserFit& user, const FitPart* design, const Size& taken);

/// When we choose a size for someone, one more standard deviation moves the score by this much at least: half a deviation off,
/// one size of a range of eight, it fits as likely as not. Of sizes that people took themselves the weight learned may be far
/// less, even negative (docs/quality.md): who takes an unusual size mostly knows why. A size we choose carries no such knowledge.
inline constexpr float kLeastSlope = 4;

struct ChosenSize {
  size_t index = 0;          // in the sizes offered
  float probability = 0;     // that it fits
};
/// The size most likely to fit, of equals the one offered first. None if nothing is offered on a scale with a known spread, or
/// nothing is known of the user's size.
std::optional<ChosenSize> ChooseSize(const FitModel& model, const UserFit& user, const FitPart* design,
                                     std::span<const OfferedSize> offered);

/// Whether one of the sizes offered is at most kOutOfSize standard deviations from what the user takes on its scale. True where that
/// cannot be told: nothing offered, no size of the user known on any scale of the offer, or no spread of the scale.
bool ComesInSize(const FitModel& model, const UserFit& user, std::span<const OfferedSize> offered);
/// By kLeastSlope the nearest size then fits less often than one time in eight.
inline constexpr float kOutOfSize = 1;

/// What a wearer said, with everything as it was before they did.
struct FitLesson {
  Fit fit = Fit::kTrue;
  Size size;
  FitFeatures features{};
  FitScore parts;            // of the user and the design
  Measures measures{};
  bool measured = false;
};

struct FitOptions {
  /// Step sizes of AdaGrad, for the weights and for what measures say of sizes. > 0.
  float rate = 0.1F, size_rate = 0.3F;
  /// What the sums of squared gradients start with: larger trusts the starting weights for longer. > 0.
  float first_square = 10, first_size_square = 1;
};

/// What is learned, and what learning remembers. Value type, the state of the model task.
struct FitModelState {
  struct Moments {           // Welford 1962
    double count = 0, mean = 0, m2 = 0;
    bool operator==(const Moments&) const = default;
  };
  FitModel model;
  FitFeatures squares{};
  float width_square = 0;
  std::array<float, kMeasures + 1> size_squares{};
  std::array<Moments, kSizeScales> moments{};
  int64_t lessons = 0;
  bool operator==(const FitModelState&) const = default;
};

/// Ignores a lesson with a number that is not finite or a size beyond kMaxSize. Weights stay within +-kMaxFitWeight.
void Learn(const FitOptions& options, const FitLesson& lesson, FitModelState* state);
inline constexpr float kMaxSize = 1000, kMaxFitWeight = 50;

/// Whether all is finite and within what learning can make of it.
bool IsUsable(const FitPart& part);
bool IsUsable(const FitModel& model);

}  // namespace catwalk::models
