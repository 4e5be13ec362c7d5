#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/demand.h"

namespace catwalk::models {

/// The rows with the largest recent demand, one ranking per horizon. As all demand fades alike, the order stays as it is until a design
/// gets more. One thread; copied into versions.
class MostWanted {
 public:
  /// Rows kept per horizon: several times what ranking takes, for some are not available.
  static constexpr size_t kLength = 256;

  /// Decides between rows of equal demand.
  using Before = std::function<bool(int32_t, int32_t)>;

  /// `row` has this demand now; rows are counted from 0 without gaps.
  void Set(int32_t row, std::span<const float, kHorizons> recent, int64_t last);
  /// Row `last` is now called `row`, which is gone, and there is no row `last` any more.
  void Remove(int32_t row, int32_t last);
  /// Settles the rankings. True if anything changed since the last time.
  bool Refresh(const Before& before);

  /// Most wanted first, as of the last Refresh; rows that were never wanted are not among them.
  const std::vector<int32_t>& Ranking(int horizon) const { return rankings_[static_cast<size_t>(horizon)]; }

 private:
  using Keys = std::array<double, kHorizons>;  // log2 of the demand, moved to a common time; -inf without any

  bool IsMoreWanted(int32_t a, int32_t b, size_t horizon, const Before& before) const;
  void Rebuild(size_t horizon, const Before& before);
  void Insert(int32_t row, size_t horizon, const Before& before);

  std::vector<Keys> keys_;                                      // by row
  std::array<std::vector<int32_t>, kHorizons> rankings_;
  std::array<bool, kHorizons> stale_{};                         // has to be built anew
  std::vector<int32_t> changed_;                                // rows with more demand than at the last Refresh
};

}  // namespace catwalk::models
