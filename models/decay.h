#pragma once

#include <cmath>
#include <cstdint>

namespace catwalk::models {

/// Halves a weight every `half_life_ms`. A value; copied freely.
class Decay {
 public:
  /// 0 or less: no decay.
  explicit Decay(int64_t half_life_ms) : per_ms_(half_life_ms > 0 ? 1.0 / static_cast<double>(half_life_ms) : 0.0) {}

  /// 2^-(age / half-life) in [0, 1]. 1 if `to_ms` is before `from_ms`: a clock that jumps back makes nothing heavier.
  /// 0 past 60 half-lives. Any two times are fine: the difference is taken in double and cannot overflow.
  float Over(int64_t from_ms, int64_t to_ms) const {
    const double halvings = (static_cast<double>(to_ms) - static_cast<double>(from_ms)) * per_ms_;
    if (halvings <= 0) return 1.0F;
    return halvings < 60 ? std::exp2(static_cast<float>(-halvings)) : 0.0F;
  }

 private:
  double per_ms_;
};

}  // namespace catwalk::models
