#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "evaluate/fit_metrics.h"

namespace catwalk::evaluate {

/// What the counts so far say of how a design fits a user, whatever the size. Users and designs are dense numbers.
///  - majority: the shares of what was said of all;
///  - per design, per user: the shares of what was said of the design or by the user, drawn towards those of all by pseudo-counts;
///  - per design and user: the product of both over that of all (naive Bayes).
/// The pseudo-counts, 5 for a design and 20 for a user, are those of 1, 2, 5, 10, 20 that served the baselines best on Rent the Runway.
class FitBaselines {
 public:
  static constexpr size_t kCount = 4;
  static constexpr std::array<std::string_view, kCount> kNames = {"majority", "per design", "per user", "per design and user"};

  std::array<FitShares, kCount> Predict(int32_t user, int32_t design) const;
  void Learn(int32_t user, int32_t design, size_t fit);

 private:
  using Counts = std::array<double, kFits>;
  static Counts At(const std::vector<Counts>& counts, int32_t number);

  Counts all_{1, 1, 1};
  std::vector<Counts> users_, designs_;
};

}  // namespace catwalk::evaluate
