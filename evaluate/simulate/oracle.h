#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluate/simulate/simulation.h"

namespace catwalk::evaluate {

struct OracleOptions {
  /// Designs in a list. Default: 10.
  int k = 10;
  /// Choices, from the first, that are not tested.
  int64_t warmup = 0;
  /// Designs can be listed from their release on; else from their first event on.
  bool catalogue = false;
};

/// The best that any recommender can reach in the mean: a list of the k designs with the largest true odds has in it the chosen one with
/// the sum of these odds, and no other list more. Averaged over the tested choices, as recall is.
class Oracle {
 public:
  explicit Oracle(const OracleOptions& options) : options_(options) {}

  /// A choice, and what it was drawn from (Simulation::odds).
  void Take(const SimulatedChoice& choice, std::span<const double> odds);

  int64_t tested() const { return tested_; }
  int64_t warm() const { return warm_; }
  double recall() const { return Mean(sum_, tested_); }
  /// Of users with an earlier choice.
  double recall_warm() const { return Mean(warm_sum_, warm_); }

 private:
  static double Mean(double sum, int64_t count) { return count == 0 ? 0 : sum / static_cast<double>(count); }
  double BestList(std::span<const double> odds);

  OracleOptions options_;
  int64_t seen_ = 0, tested_ = 0, warm_ = 0;
  double sum_ = 0, warm_sum_ = 0;
  std::vector<bool> touched_;    // by design
  std::vector<double> best_;     // scratch
};

}  // namespace catwalk::evaluate
