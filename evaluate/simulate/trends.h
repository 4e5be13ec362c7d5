#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "evaluate/simulate/dice.h"
#include "evaluate/simulate/style.h"

namespace catwalk::evaluate {

inline constexpr double kDayMs = 86'400'000;

/// Numbers that each come and go around 0: an Ornstein-Uhlenbeck process (Uhlenbeck, Ornstein 1930), moved on twenty times in the
/// time in which it forgets. It knows nothing of what is chosen. One thread.
class Drift {
 public:
  Drift(size_t count, double deviation, double days, int64_t start_ms, Dice dice);
  /// Never back.
  void MoveTo(int64_t at_ms);
  double At(size_t i) const { return values_.empty() ? 0 : values_[i]; }

 private:
  double deviation_, step_ms_;
  double next_ms_;
  Dice dice_;
  std::vector<double> values_;  // none without a deviation
};

/// Fads: now and then all designs around a point of the space of styles are wanted more, quickly so, and then for a while less and
/// less: height x exp(1 - x) at x times the days to its height, falling off with distance as a bell. One thread.
class Fads {
 public:
  Fads(int dimensions, double height, double days, int64_t start_ms, double total_days, Dice dice);
  /// Forgets what moved before; any time.
  void MoveTo(int64_t at_ms);
  double At(const Style& style) const;

 private:
  struct Fad {
    double start_ms;
    Style centre;
    double strength = 0;  // now
  };
  int dimensions_;
  double height_, peak_ms_;
  std::vector<Fad> fads_;
  std::vector<size_t> current_;  // places of those that are on
};

}  // namespace catwalk::evaluate
