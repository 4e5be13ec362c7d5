#pragma once

#include <cstddef>

#include "models/lanes.h"

/// Products of small matrices of doubles, a tile of the result at a time.
namespace catwalk::models {

constexpr size_t kDoubleLanes = 4;  // doubles in a vector
constexpr size_t kTileRows = 4;
constexpr size_t kTileColumns = 8;

/// Rows of a matrix, from one to the next `apart` numbers.
template <class T>
struct Rows {
  T* first;
  size_t apart;
  T* At(size_t row, size_t column = 0) const { return first + row * apart + column; }
};

/// Where a factor of a product stands: its own rows, or the columns of these rows.
enum class Side { kRows, kColumns };

/// Adds the first `count` terms of the product a b (of a' b: kColumns) to the tile of `to` that starts at this row and column, and is kept in
/// registers meanwhile.
template <Side kSide>
void AddProducts(Rows<const double> a, Rows<const double> b, size_t count, size_t row, size_t column, Rows<double> to) {
  const size_t row_step = kSide == Side::kRows ? a.apart : 1, term_step = kSide == Side::kRows ? 1 : a.apart;
  Double4 left[kTileRows], right[kTileRows];
#pragma GCC unroll 4
  for (size_t r = 0; r < kTileRows; ++r) {
    left[r] = Load(to.At(row + r, column));
    right[r] = Load(to.At(row + r, column + kDoubleLanes));
  }
  const double *of_a = a.first + row * row_step, *of_b = b.At(0, column);
  for (size_t i = 0; i < count; ++i, of_a += term_step, of_b += b.apart) {
    Double4 left_columns = Load(of_b), right_columns = Load(of_b + kDoubleLanes);
    KeepInRegister(left_columns);
    KeepInRegister(right_columns);
#pragma GCC unroll 4
    for (size_t r = 0; r < kTileRows; ++r) {
      const Double4 scale = Broadcast(of_a[r * row_step]);
      left[r] = MultiplyAdd(scale, left_columns, left[r]);
      right[r] = MultiplyAdd(scale, right_columns, right[r]);
    }
  }
#pragma GCC unroll 4
  for (size_t r = 0; r < kTileRows; ++r) {
    Store(to.At(row + r, column), left[r]);
    Store(to.At(row + r, column + kDoubleLanes), right[r]);
  }
}

/// sums = sum over i, from <= i < to, of weights[i] row i: kTileColumns numbers, of the columns from `column`.
inline void SumRows(const double* weights, Rows<const double> rows, size_t from, size_t to, size_t column, double* sums) {
  Double4 left = Broadcast(0.0), right = Broadcast(0.0);
  for (size_t i = from; i < to; ++i) {
    left = MultiplyAdd(Broadcast(weights[i]), Load(rows.At(i, column)), left);
    right = MultiplyAdd(Broadcast(weights[i]), Load(rows.At(i, column + kDoubleLanes)), right);
  }
  Store(sums, left);
  Store(sums + kDoubleLanes, right);
}

/// Writes rows as columns: component c of row i goes to row c, column i. `count` rows of n components, n a multiple of 4; what is left of the
/// `to.apart` columns, a multiple of 4, becomes 0. Number is float or double.
template <class Number>
void Turn(Rows<const Number> rows, size_t count, size_t n, Rows<double> to) {
  for (size_t i = 0; i < to.apart; i += kDoubleLanes) {
    for (size_t c = 0; c < n; c += kDoubleLanes) {
      Double4 block[kDoubleLanes];
      for (size_t r = 0; r < kDoubleLanes; ++r) block[r] = i + r < count ? LoadWide(rows.At(i + r, c)) : Broadcast(0.0);
      Transpose(block);
      for (size_t r = 0; r < kDoubleLanes; ++r) Store(to.At(c + r, i), block[r]);
    }
  }
}

}  // namespace catwalk::models
