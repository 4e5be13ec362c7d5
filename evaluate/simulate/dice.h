#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace catwalk::evaluate {

/// Draws that are the same everywhere: the raw bits of std::mt19937_64, which the standard fixes, turned into numbers here (the
/// distributions of the standard library are each implementation's own). What is left to the machine is how log, cos and exp of
/// the C library round their last bit. One thread.
class Dice {
 public:
  /// Dice of one seed and different purposes are independent of one another.
  Dice(uint64_t seed, uint64_t purpose);

  /// Evenly in [0, 1), in steps of 2^-53.
  double Uniform();
  /// Evenly in [low, high).
  double Between(double low, double high) { return low + (high - low) * Uniform(); }
  /// A whole number in [0, count); count > 0. Off an even draw by less than count / 2^53.
  size_t Below(size_t count);
  /// Mean 0, deviation 1 (Box, Muller 1958; one of the pair).
  double Normal();
  /// Mean 1.
  double Exponential();
  /// An index, with odds in proportion to what it adds to `sums`: running sums, the last of them > 0.
  size_t Among(std::span<const double> sums);

 private:
  std::mt19937_64 bits_;
};

}  // namespace catwalk::evaluate
