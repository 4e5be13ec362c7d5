#pragma once

#include <cstddef>

#include "models/aligned.h"
#include "models/cholesky.h"
#include "models/tile.h"

namespace catwalk::models {

/// The coordinates in which a symmetric positive definite matrix A = L L' is the unit matrix: b is white as L^-1 b. A^-1 b is white and back
/// again. Worth its making (as much as ten solves) where many vectors follow. Value type; every step has a fixed order.
class Whitening {
 public:
  /// `factorised`: A.
  void Set(const Cholesky<double>& factorised);
  /// n, a multiple of 8.
  size_t size() const { return n_; }

  /// white = L^-1 b; n numbers each, not the same.
  void Whiten(const double* b, double* white) const;
  /// The same for `vectors` of them, a multiple of 8, side by side: number c of all is in row c. What one gets does not depend on the others.
  void WhitenTogether(const double* b, size_t vectors, double* white) const;
  /// b = L'^-1 white; n numbers each, not the same.
  void Back(const double* white, double* b) const;
  /// The same for `vectors` of them, as above.
  void BackTogether(const double* white, size_t vectors, double* b) const;

 private:
  Rows<const double> inverse() const { return {inverse_.data(), n_}; }

  size_t n_ = 0;
  AlignedVector<double> inverse_;   // L^-1, n x n
};

}  // namespace catwalk::models
