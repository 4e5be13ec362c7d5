#include "evaluate/simulate/dice.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/hash.h"

namespace catwalk::evaluate {

Dice::Dice(uint64_t seed, uint64_t purpose) : bits_(Mix64(Mix64(seed) ^ purpose)) {}

double Dice::Uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }

size_t Dice::Below(size_t count) {
  return std::min(static_cast<size_t>(Uniform() * static_cast<double>(count)), count - 1);
}

double Dice::Normal() {
  const double radius = std::sqrt(-2 * std::log(1 - Uniform()));
  return radius * std::cos(2 * std::numbers::pi * Uniform());
}

double Dice::Exponential() { return -std::log(1 - Uniform()); }

size_t Dice::Among(std::span<const double> sums) {
  const auto found = std::upper_bound(sums.begin(), sums.end(), Uniform() * sums.back());
  if (found != sums.end()) return static_cast<size_t>(found - sums.begin());
  // The product may round up to the whole sum: then it is the last that has odds at all.
  return static_cast<size_t>(std::lower_bound(sums.begin(), sums.end(), sums.back()) - sums.begin());
}

}  // namespace catwalk::evaluate
