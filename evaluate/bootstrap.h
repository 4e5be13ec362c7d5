#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "evaluate/metrics.h"

namespace catwalk::evaluate {

struct BootstrapOptions {
  uint64_t seed = 1;
  /// Resamples. Default: 500.
  int resamples = 500;
};

/// Intervals by resampling users, since the events of a user are not independent of each other: each user counts as often as
/// a Poisson(1) draw says (Chamandy et al. 2012, the Poisson bootstrap), drawn by a hash of seed, resample and user, so the
/// same for every recommender; a mean is the ratio of the resampled sums. Percentiles 2.5 and 97.5.
class Bootstrap {
 public:
  explicit Bootstrap(const BootstrapOptions& options) : options_(options) {}

  /// The means of a group, and what they are in each resample.
  struct Resampled {
    MetricValues means{};
    std::vector<MetricValues> resamples;
  };
  Resampled Resample(const OutcomeSums& outcomes, Group group) const;

  /// Every metric with its interval.
  static std::array<Estimate, kMetrics> Intervals(const Resampled& outcomes);

  /// How much better `ours` is than `theirs` in one metric on the same events, paired by user.
  static Estimate Difference(const Resampled& ours, const Resampled& theirs, Metric metric);

  /// A figure and percentiles 2.5 and 97.5 of what it is in each resample.
  static Estimate Interval(double value, std::vector<double> resampled);

  int resamples() const { return options_.resamples; }

  /// Resamples that one hash serves.
  static constexpr int kBlock = 4;
  /// How often a user counts in each resample of a block (the first is kBlock * `block`): 0, 1, 2 … with Poisson(1) frequencies.
  std::array<uint8_t, kBlock> Draw(int block, size_t user) const;

 private:
  BootstrapOptions options_;
};

}  // namespace catwalk::evaluate
