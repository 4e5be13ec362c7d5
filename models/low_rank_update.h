#pragma once

#include <cstddef>

#include "models/aligned.h"
#include "models/cholesky.h"
#include "models/tile.h"
#include "models/whitening.h"

namespace catwalk::models {

/// What a few vectors v add to a matrix A = L L', without factorising the sum (Woodbury 1950):
///   (A + V V')^-1 = L'^-1 (I - X K^-1 X') L^-1  with  X = L^-1 V,  K = I + X' X
/// In the white coordinates of A (models/whitening.h), that is; A itself is not kept. Value type. Scratch is inside: one thread, no allocation
/// per call once it has grown.
class LowRankUpdate {
 public:
  static constexpr size_t kMost = 16;

  /// Of the first `count` (at most kMost) rows. False if K is not positive definite after rounding, or not finite.
  bool Set(const Whitening& base, Rows<const double> vectors, size_t count);

  size_t count() const { return count_; }
  /// The size of K and of what is multiplied with X: a multiple of 8, as if there were vectors of 0 behind the others.
  size_t room() const { return kernel_.size(); }
  Cholesky<double>& kernel() { return kernel_; }

  /// products = X' y, for a white y; `room` numbers.
  void Multiply(const double* white, double* products) const;
  /// y += X weights.
  void Add(const double* weights, double* white) const;

  static constexpr size_t kTogether = Cholesky<double>::kTogether;
  /// For kTogether white vectors side by side: squares[i] = y_i' X K^-1 X' y_i, what the vectors take off y_i' y_i.
  void Shorten(const double* white, double* squares);
  /// For as many: y -= X K^-1 X' y.
  void TakeOff(double* white);

 private:
  void MultiplyTogether(const double* white);

  size_t count_ = 0, n_ = 0;
  AlignedVector<double> vectors_;   // n x room: V
  AlignedVector<double> x_;         // n x room
  Cholesky<double> kernel_{0};      // K
  AlignedVector<double> products_;  // room x kTogether
};

/// squares[i] = sum_c y_ic^2 of LowRankUpdate::kTogether vectors of n side by side.
void SumSquares(const double* vectors, size_t n, double* squares);

}  // namespace catwalk::models
