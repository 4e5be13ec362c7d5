#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "evaluate/bootstrap.h"

namespace catwalk::evaluate {

/// What wearers said of sizes: small, true, large, in this order.
inline constexpr size_t kFits = 3;
using FitShares = std::array<float, kFits>;   // predicted probabilities; their sum is 1

/// AUC is the mean over what can be said of the AUC of its probability, one against the rest, ties by half (as Misra, Wan,
/// McAuley 2018); log loss the mean of -ln(probability of what was said), lower is better; accuracy how often the most probable
/// was said.
enum class FitMetric { kAuc, kLogLoss, kAccuracy };
inline constexpr size_t kFitMetrics = 3;
inline constexpr std::array<std::string_view, kFitMetrics> kFitMetricNames = {"auc", "log_loss", "accuracy"};
using FitValues = std::array<double, kFitMetrics>;

/// What was said, event by event.
struct SaidFits {
  std::vector<int32_t> users;   // dense
  std::vector<uint8_t> fits;    // below kFits
};

/// One predictor's figures, and what they are in each resample of users.
struct ResampledFit {
  FitValues values{};
  std::vector<FitValues> resamples;

  Estimate Interval(FitMetric metric) const;
  /// How much larger this one's figure is, paired by resample.
  Estimate Less(const ResampledFit& other, FitMetric metric) const;
};

/// For each predictor, its shares event by event.
std::vector<ResampledFit> ResampleFits(const Bootstrap& bootstrap, const SaidFits& said,
                                       std::span<const std::vector<FitShares>> predictors);

}  // namespace catwalk::evaluate
