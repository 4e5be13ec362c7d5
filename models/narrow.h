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
/// A vector v becomes V with v = unit (V + e), |e_i| <= 0.51. All rows have one unit, so products with them compare as they
/// are. A product is summed in 16 bits; that it fits is up to the lengths of both sides, not to the order of the sum, as sums
/// wrap around and the last one is in range. The multiplication of bytes the CPU has takes one factor without a sign: a query
/// is kept as Q + 64, and what 64 adds to each product is taken off at the start of the sum.

/// One side of a product.
class NarrowQuery {
 public:
  /// k finite floats.
  void Set(const float* vector, int k);

  /// By pair of dimensions: Q + 64 of both, twice over.
  std::span<const int32_t> pairs() const { return pairs_; }
  float unit() const { return unit_; }
  /// |v| / unit.
  double length() const { return length_; }
  /// |e|.
  double rounding() const { return rounding_; }

 private:
  std::vector<int32_t> pairs_;
  float unit_ = 1;
  double length_ = 0, rounding_ = 0;
};

/// The other side: the rows of a table, for products with many at once: a tile of 16 rows holds two dimensions of each, then the next two.
class NarrowRows {
 public:
  static constexpr size_t kTileRows = 16;
  /// Room is made for whole multiples of this.
  static constexpr size_t kRowsAtOnce = 64;
  /// The "product" with a row that was not set, or was cleared.
  static constexpr int kAbsent = -32768;
  /// The "product" with a row too long for the unit, of which there are few: look at the floats.
  static constexpr int kTooLong = 32767;

  explicit NarrowRows(int k);

  void Resize(int rows);
  /// k finite floats.
  void Set(int row, const float* vector);
  void Clear(int row);
  /// `rows`: of the same unit.
  void Copy(size_t to, const NarrowRows& rows, size_t from);
  /// False if the unit leaves out too many rows, or is needlessly large.
  bool Fits() const;
  /// Chooses the unit anew. `vectors`: the rows' floats, `stride` apart.
  void Refit(const float* vectors, size_t stride);

  float unit() const { return unit_; }
  /// What a product of narrow vectors, times both units, may differ from models::DotProduct of the floats, in units of the
  /// units' product.
  int ErrorWith(const NarrowQuery& query) const;
  /// Pairs of dimensions: k / 2, rounded up.
  size_t pairs() const { return pairs_; }
  /// pairs x 16 x 2. `first_row`: a multiple of 16.
  const int8_t* Tile(int first_row) const { return vectors_.data() + static_cast<size_t>(first_row) * pairs_ * 2; }
  /// By row: -64 times the sum of its numbers, in the lowest 16 bits.
  const int16_t* starts() const { return starts_.data(); }

 private:
  size_t At(size_t row, size_t pair) const { return ((row / kTileRows * pairs_ + pair) * kTileRows + row % kTileRows) * 2; }
  /// So many rows would be too long too often.
  size_t TooMany() const { return own_units_.size() / 2048 + 1; }
  size_t CountAbove(float unit) const;
  void SetNumbers(size_t row, const float* vector);

  int k_;
  size_t pairs_;
  float unit_;
  double longest_ = 0, roughest_ = 0;  // the largest |V| and |e| there have been since the unit was chosen
  AlignedVector<int8_t> vectors_;
  AlignedVector<int16_t> starts_;
  std::vector<float> own_units_;  // by row: the smallest unit in which it fits; 0 for one that is not there
};

}  // namespace catwalk::models
