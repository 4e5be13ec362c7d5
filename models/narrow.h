#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/aligned.h"

namespace catwalk::models {

/// Euclidean, in doubles.
double Length(std::span<const float> vector);

/// Vectors in whole numbers of 8 bits: a quarter of the memory of floats and a tenth of the work, for a first look at products.
///
/// A vector v becomes V with v = scale (V + e), |e_i| <= 0.51. A product of a query and a row is summed in 16 bits; that it
/// fits is up to their lengths (NarrowLength), not to the order of the sum, as sums wrap around and the last one is in range.
/// The multiplication of bytes the CPU has takes one factor without a sign: a query is kept as Q + 64, and what 64 adds to
/// each product is taken off at the start of the sum.

/// The rows of a table, for products with many rows at once: a tile of 16 rows holds two dimensions of each, then the next
/// two.
class NarrowRows {
 public:
  static constexpr size_t kTileRows = 16;
  /// Room is made for whole multiples of this. A row that was not set, or was cleared, has the scale NaN: it reaches nothing.
  static constexpr size_t kRowsAtOnce = 64;

  explicit NarrowRows(int k);

  void Resize(int rows);
  /// k finite floats.
  void Set(int row, const float* vector);
  void Clear(int row);
  void Copy(size_t to, const NarrowRows& rows, size_t from);

  int k() const { return k_; }
  /// Pairs of dimensions: k / 2, rounded up.
  size_t pairs() const { return pairs_; }
  /// pairs x 16 x 2. `first_row`: a multiple of 16.
  const int8_t* Tile(int first_row) const { return vectors_.data() + static_cast<size_t>(first_row) * pairs_ * 2; }
  /// -64 times the sum of each row's numbers, in the lowest 16 bits.
  const int16_t* starts() const { return starts_.data(); }
  const float* scales() const { return scales_.data(); }

 private:
  size_t At(size_t row, size_t pair) const { return ((row / kTileRows * pairs_ + pair) * kTileRows + row % kTileRows) * 2; }

  int k_;
  size_t pairs_;
  AlignedVector<int8_t> vectors_;
  AlignedVector<int16_t> starts_;
  AlignedVector<float> scales_;
};

/// One side of a product with rows.
class NarrowQuery {
 public:
  /// k finite floats.
  void Set(const float* vector, int k);

  /// By pair of dimensions: Q + 64 of both, twice over.
  std::span<const int32_t> pairs() const { return pairs_; }
  float scale() const { return scale_; }
  /// What the product of the narrow vectors, times both scales, may differ from models::DotProduct of the floats, in units of
  /// the scales' product.
  float error() const { return error_; }

 private:
  std::vector<int32_t> pairs_;
  float scale_ = 1;
  float error_ = 0;
};

}  // namespace catwalk::models
