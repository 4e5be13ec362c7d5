#include "models/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace catwalk::models {
namespace {

constexpr double kLargestDeviation = 4;   // of a size from the mean of its scale
constexpr double kLeastProbability = 1e-9;
constexpr double kSettled = 20;           // sizes on a scale before measures are compared with them

double Sigma(double x) { return 1 / (1 + std::exp(-x)); }

double Cut(double x, double limit) { return std::isfinite(x) ? std::clamp(x, -limit, limit) : 0; }

FitScore Cut(const FitScore& score) { return {Cut(score.shift, kMaxShift), Cut(score.width, kMaxWidth)}; }

bool IsFinite(const FitScore& score) { return std::isfinite(score.shift) && std::isfinite(score.width); }

template <class Range>
bool AllWithin(const Range& numbers, float limit) {
  return std::all_of(numbers.begin(), numbers.end(), [limit](float x) { return std::fabs(x) <= limit; });
}

/// Of the log-likelihood of what was said, by shift and by width; and its expected curvature (Fisher information).
struct Slopes {
  double shift = 0, width = 0, shift_information = 0, width_information = 0;
};

Slopes SlopesAt(const FitScore& given, Fit fit) {
  const FitScore score = Cut(given);
  const double half = std::exp(score.width);
  const auto [small, fits, large] = ProbabilitiesOf(score);
  // Densities at the two thresholds.
  const double at_small = small * (1 - small), at_large = large * (1 - large);
  const double shift_if_true = (at_small - at_large) / fits, half_if_true = (at_small + at_large) / fits;
  Slopes slopes;
  switch (fit) {
    case Fit::kSmall: slopes = {-(1 - small), -(1 - small)}; break;
    case Fit::kTrue: slopes = {shift_if_true, half_if_true}; break;
    case Fit::kLarge: slopes = {1 - large, -(1 - large)}; break;
  }
  slopes.width *= half;
  const double outer = small * (1 - small) * (1 - small) + large * (1 - large) * (1 - large);
  slopes.shift_information = outer + fits * shift_if_true * shift_if_true;
  slopes.width_information = (outer + fits * half_if_true * half_if_true) * half * half;
  return slopes;
}

void Move(double prior, double slope, double information, float* value, float* known) {
  const double total = std::min(static_cast<double>(*known) + information, static_cast<double>(kMaxInformation));
  const double moved = static_cast<double>(*value) + slope / (1 / prior + total);
  *value = static_cast<float>(std::clamp(moved, -static_cast<double>(kMaxPart), static_cast<double>(kMaxPart)));
  *known = static_cast<float>(total);
}

/// AdaGrad (Duchi, Hazan, Singer 2011), uphill.
void Step(float rate, float first_square, double slope, float* weight, float* square) {
  *square += static_cast<float>(slope * slope);
  const double moved = static_cast<double>(*weight) +
                       static_cast<double>(rate) * slope / std::sqrt(static_cast<double>(first_square + *square));
  *weight = std::clamp(static_cast<float>(moved), -kMaxFitWeight, kMaxFitWeight);
}

double SuggestedSize(const FitModel& model, const Measures& measures) {
  double size = static_cast<double>(model.size_weights[kMeasures]);
  for (size_t i = 0; i < measures.size(); ++i)
    size += static_cast<double>(model.size_weights[i]) * static_cast<double>(measures[i]);
  return Cut(size, kLargestDeviation);
}

bool IsUsable(const FitLesson& lesson) {
  return AllWithin(lesson.features, kMaxSize) && AllWithin(lesson.measures, kMaxSize) && IsFinite(lesson.parts) &&
         std::fabs(lesson.size.number) <= kMaxSize;
}

void LearnWeights(const FitOptions& options, const FitLesson& lesson, FitModelState* state) {
  FitScore score = state->model.ScoreOf(lesson.features);
  score += lesson.parts;
  const Slopes slopes = SlopesAt(score, lesson.fit);
  for (size_t i = 0; i < lesson.features.size(); ++i) {
    Step(options.rate, options.first_square, slopes.shift * static_cast<double>(lesson.features[i]), &state->model.weights[i],
         &state->squares[i]);
  }
  Step(options.rate, options.first_square, slopes.width, &state->model.width, &state->width_square);
  state->model.width = std::clamp(state->model.width, static_cast<float>(-kMaxWidth), static_cast<float>(kMaxWidth));
}

/// Least squares, online: what sizes people of such measures take.
void LearnSuggestion(const FitOptions& options, const FitLesson& lesson, FitModelState* state) {
  if (!lesson.measured || state->moments[static_cast<size_t>(lesson.size.scale)].count < kSettled) return;
  const double miss = state->model.Standardised(lesson.size) - SuggestedSize(state->model, lesson.measures);
  const auto step = [&](size_t i, double measure) {
    if (measure == 0) return;
    Step(options.size_rate, options.first_size_square, miss * measure, &state->model.size_weights[i], &state->size_squares[i]);
  };
  for (size_t i = 0; i < lesson.measures.size(); ++i) step(i, static_cast<double>(lesson.measures[i]));
  step(kMeasures, 1);
}

void LearnSpread(const Size& size, FitModelState* state) {
  auto& moments = state->moments[static_cast<size_t>(size.scale)];
  moments.count += 1;
  const double delta = static_cast<double>(size.number) - moments.mean;
  moments.mean += delta / moments.count;
  moments.m2 += delta * (static_cast<double>(size.number) - moments.mean);
  state->model.spreads[static_cast<size_t>(size.scale)] = {static_cast<float>(moments.mean),
                                                           static_cast<float>(std::sqrt(moments.m2 / moments.count))};
}

/// Where the shift is 0. All sizes of a design have one width, so the nearest to it fits most often.
double BestSize(const FitModel& model, const UserFit& user, const FitPart* design) {
  const double usual = model.UsualSizeOf(user);
  FitScore at_usual = model.ScoreOf({1, 0, 0, static_cast<float>(usual)});
  at_usual += user.part.score();
  if (design != nullptr) at_usual += design->score();
  return usual - at_usual.shift / static_cast<double>(model.weights[user.HasOwnSizes() ? kOwnDeviation : kProfileDeviation]);
}

}  // namespace

FitProbabilities ProbabilitiesOf(const FitScore& given) {
  const FitScore score = Cut(given);
  const double half = std::exp(score.width);
  const double small = Sigma(-score.shift - half), large = Sigma(score.shift - half);
  const double fits = std::max(1 - small - large, kLeastProbability);
  const double sum = small + fits + large;
  return {small / sum, fits / sum, large / sum};
}

void Learn(const FitPrior& prior, const FitScore& score, Fit fit, FitPart* part) {
  if (!IsFinite(score)) return;
  const Slopes slopes = SlopesAt(score, fit);
  Move(prior.shift, slopes.shift, slopes.shift_information, &part->shift, &part->shift_information);
  Move(prior.width, slopes.width, slopes.width_information, &part->width, &part->width_information);
}

void DesignFit::Note(std::string_view text) {
  const auto size = ParseSize(text);
  const auto same = [&](const OfferedSize& known) { return known.text == text; };
  if (size && seen.size() < kMaxSizesSeen && std::none_of(seen.begin(), seen.end(), same))
    seen.push_back({std::string(text), *size});
}

void UserFit::Add(const Size& size) {
  SizeSum& sum = sizes[static_cast<size_t>(size.scale)];
  if (sum.count == 1U << 20) return;   // more would not move the mean
  ++sum.count;
  sum.sum += size.number;
}

void UserFit::Remove(const Size& size) {
  SizeSum& sum = sizes[static_cast<size_t>(size.scale)];
  if (sum.count <= 1) {
    sum = {};
    return;
  }
  --sum.count;
  sum.sum -= size.number;
}

double FitModel::Standardised(const Size& size) const {
  const Spread& spread = spreads[static_cast<size_t>(size.scale)];
  if (!(spread.deviation > 0)) return 0;
  return Cut(static_cast<double>(size.number - spread.mean) / static_cast<double>(spread.deviation), kLargestDeviation);
}

double FitModel::UsualSizeOf(const UserFit& user) const {
  if (!user.HasOwnSizes()) return SuggestedSize(*this, user.measures);
  double sum = 0, count = 0;
  for (size_t i = 0; i < user.sizes.size(); ++i) {
    const SizeSum& sizes = user.sizes[i];
    if (sizes.count == 0) continue;
    sum += static_cast<double>(sizes.count) *
           Standardised({static_cast<SizeScale>(i), sizes.sum / static_cast<float>(sizes.count)});
    count += static_cast<double>(sizes.count);
  }
  return sum / count;
}

FitFeatures FitModel::FeaturesOf(const UserFit& user, const Size& taken) const {
  const double usual = UsualSizeOf(user);
  FitFeatures features{};
  features[kFitBias] = 1;
  features[user.HasOwnSizes() ? kOwnDeviation : kProfileDeviation] = static_cast<float>(Standardised(taken) - usual);
  features[kUsualSize] = static_cast<float>(usual);
  return features;
}

FitScore FitModel::ScoreOf(const FitFeatures& features) const {
  FitScore score{0, static_cast<double>(width)};
  for (size_t i = 0; i < features.size(); ++i)
    score.shift += static_cast<double>(weights[i]) * static_cast<double>(features[i]);
  return score;
}

FitScore ScoreOfTaken(const FitModel& model, const UserFit& user, const FitPart* design, const Size& taken) {
  FitScore score = model.ScoreOf(model.FeaturesOf(user, taken));
  score += user.part.score();
  if (design != nullptr) score += design->score();
  return score;
}

std::optional<ChosenSize> ChooseSize(const FitModel& model, const UserFit& user, const FitPart* design,
                                     std::span<const OfferedSize> offered) {
  if (!user.TellsSize()) return std::nullopt;
  FitModel chooser = model;
  for (const FitFeature slope : {kOwnDeviation, kProfileDeviation}) chooser.weights[slope] = std::max(model.weights[slope], kLeastSlope);
  const double best_size = BestSize(chooser, user, design);
  std::optional<size_t> best;
  double least_off = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < offered.size(); ++i) {
    if (!(model.spreads[static_cast<size_t>(offered[i].size.scale)].deviation > 0)) continue;
    const double off = std::fabs(model.Standardised(offered[i].size) - best_size);
    if (off >= least_off) continue;
    best = i;
    least_off = off;
  }
  if (!best) return std::nullopt;
  const auto probabilities = ProbabilitiesOf(ScoreOfTaken(chooser, user, design, offered[*best].size));
  return ChosenSize{*best, static_cast<float>(probabilities[static_cast<size_t>(Fit::kTrue)])};
}

bool ComesInSize(const FitModel& model, const UserFit& user, std::span<const OfferedSize> offered) {
  bool compared = false;
  for (const auto& [text, size] : offered) {
    const SizeSum& taken = user.sizes[static_cast<size_t>(size.scale)];
    const float deviation = model.spreads[static_cast<size_t>(size.scale)].deviation;
    if (taken.count == 0 || !(deviation > 0)) continue;
    const float usual = taken.sum / static_cast<float>(taken.count);
    if (std::fabs(size.number - usual) <= kOutOfSize * deviation) return true;
    compared = true;
  }
  return !compared;
}

void Learn(const FitOptions& options, const FitLesson& lesson, FitModelState* state) {
  if (!IsUsable(lesson)) return;
  LearnWeights(options, lesson, state);
  LearnSpread(lesson.size, state);
  LearnSuggestion(options, lesson, state);
  ++state->lessons;
}

bool IsUsable(const FitPart& part) {
  return std::fabs(part.shift) <= kMaxPart && std::fabs(part.width) <= kMaxPart && part.shift_information >= 0 &&
         part.shift_information <= kMaxInformation && part.width_information >= 0 && part.width_information <= kMaxInformation;
}

bool IsUsable(const FitModel& model) {
  const bool spreads = std::all_of(model.spreads.begin(), model.spreads.end(), [](const FitModel::Spread& spread) {
    return std::fabs(spread.mean) <= kMaxSize && spread.deviation >= 0 && spread.deviation <= kMaxSize;
  });
  return spreads && AllWithin(model.weights, kMaxFitWeight) && AllWithin(model.size_weights, kMaxFitWeight) &&
         std::fabs(model.width) <= static_cast<float>(kMaxWidth);
}

}  // namespace catwalk::models
