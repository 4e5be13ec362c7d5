#pragma once

#include <algorithm>
#include <cmath>

namespace catwalk::models {

/// One step of AdaGrad (Duchi, Hazan, Singer 2011) up a gradient, if it leads to a number; the weight stays within +-limit.
/// `square` sums the squared gradients, beside `first_square`.
inline void StepUp(float rate, float first_square, float limit, float gradient, float* weight, float* square) {
  *square += gradient * gradient;
  const float moved = *weight + rate * gradient / std::sqrt(first_square + *square);
  if (std::isfinite(moved)) *weight = std::clamp(moved, -limit, limit);
}

}  // namespace catwalk::models
