#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace catwalk::evaluate {

/// A point of the space of styles; dimensions that a shop has not are 0.
inline constexpr size_t kMostDimensions = 6;
using Style = std::array<double, kMostDimensions>;

inline double SquaredDistance(const Style& a, const Style& b) {
  double sum = 0;
  for (size_t i = 0; i < kMostDimensions; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// 1 for what is typical of two points drawn from N(0, I).
inline double Distance(const Style& a, const Style& b, int dimensions) {
  return std::sqrt(SquaredDistance(a, b) / (2.0 * dimensions));
}

}  // namespace catwalk::evaluate
