#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace catwalk::evaluate {

/// Counts by design that halve every so many events. Kept growing instead of decaying, and brought down when they get
/// large, so that an event costs one addition.
class DecayedCounts {
 public:
  explicit DecayedCounts(double half_life_events) : growth_(std::exp2(1 / half_life_events)) {}

  /// An event passes, whether or not it is counted here.
  void Tick() {
    unit_ *= growth_;
    if (unit_ > kLargest) BringDown();
  }
  void Add(int32_t design) {
    const auto at = static_cast<size_t>(design);
    if (counts_.size() <= at) counts_.resize(at + 1);
    counts_[at] += unit_;
    total_ += unit_;
  }
  double At(size_t design) const { return design < counts_.size() ? counts_[design] / unit_ : 0; }
  double total() const { return total_ / unit_; }
  void Write(std::span<float> scores) const {
    for (size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<float>(At(i));
  }

 private:
  static constexpr double kLargest = 1e100;
  void BringDown() {
    for (double& count : counts_) count /= unit_;
    total_ /= unit_;
    unit_ = 1;
  }

  double growth_;
  double unit_ = 1;
  double total_ = 0;
  std::vector<double> counts_;
};

}  // namespace catwalk::evaluate
