#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace catwalk::operators {

/// |now - before| / |before|, of equally many numbers; NaN if those before are all 0, for nothing can be said then.
inline double Drift(std::span<const float> before, std::span<const float> now) {
  double moved = 0, length = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const double was = static_cast<double>(before[i]), step = static_cast<double>(now[i]) - was;
    moved += step * step;
    length += was * was;
  }
  return length > 0 ? std::sqrt(moved / length) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace catwalk::operators
