#include "models/narrow.h"

#include <algorithm>
#include <cmath>

namespace catwalk::models {
namespace {

constexpr float kLargest = 32767;
/// Shorter vectors are taken for as long as this: no scale is so small that floats lose bits of it.
constexpr double kShortest = 1e-15;
constexpr double kForRounding = 8192;

}  // namespace

float Narrow(const float* from, int k, int16_t* to) {
  double squares = 0;
  for (int i = 0; i < k; ++i) squares += static_cast<double>(from[i]) * static_cast<double>(from[i]);
  const auto scale = static_cast<float>(std::max(std::sqrt(squares), kShortest)) / kLargest;
  for (int i = 0; i < k; ++i)
    to[i] = static_cast<int16_t>(std::lrint(std::clamp(from[i] / scale, -kLargest, kLargest)));
  std::fill(to + k, to + NarrowStride(k), int16_t{0});
  return scale;
}

int32_t NarrowError(int k) {
  const double n = k;
  return static_cast<int32_t>(1.03 * std::sqrt(n) * 32768 + n) + static_cast<int32_t>(kForRounding);
}

}  // namespace catwalk::models
