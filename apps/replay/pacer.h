#pragma once

#include <cstdint>
#include <limits>

namespace catwalk::apps {

/// Says when events are due at a steady rate. The schedule is fixed at the start: what is late goes out at once, and
/// nothing is skipped, so a delay is caught up.
class Pacer {
 public:
  /// `events_per_second` 0: everything is due at once. `start_us` is on a steady clock.
  Pacer(double events_per_second, int64_t start_us) : rate_(events_per_second), start_us_(start_us) {}

  bool limited() const { return rate_ > 0; }
  /// When the event number `index` (from 0) is due, on the same clock.
  int64_t DueUs(uint64_t index) const {
    if (!limited()) return std::numeric_limits<int64_t>::min();
    return start_us_ + static_cast<int64_t>(static_cast<double>(index) / rate_ * 1e6);
  }

 private:
  double rate_;
  int64_t start_us_;
};

}  // namespace catwalk::apps
