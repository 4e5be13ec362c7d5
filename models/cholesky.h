#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "models/aligned.h"
#include "models/lanes.h"

namespace catwalk::models {

/// A symmetric positive definite matrix of n x n (n a multiple of 8) and its Cholesky factor A = U' U, in place.
/// T is float or double. Every step has a fixed order: equal input gives equal bits.
template <class T>
class Cholesky {
 public:
  explicit Cholesky(int n) { Resize(static_cast<size_t>(n)); }

  /// Starts a matrix of another size. No allocation once it has been as large.
  void Resize(size_t n) {
    n_ = n;
    a_.resize(n_ * n_);
    inverse_.resize(n_);
  }

  /// Row i of the matrix; only columns from i's own block of 8 on are read.
  T* Row(size_t i) { return a_.data() + i * n_; }
  const T* Row(size_t i) const { return a_.data() + i * n_; }
  size_t size() const { return n_; }

  /// False if a pivot is not positive and finite; the matrix is spoilt then.
  bool Factorise() {
    for (size_t first = 0; first < n_; first += kPanel) {
      if (!FactorisePanel(first)) return false;
      for (size_t i = first + kPanel; i < n_; ++i) SubtractPanel(first, i);
    }
    return true;
  }

  /// x = A^-1 b; both n long, may be the same.
  void Solve(const T* b, T* x) {
    y_.resize(n_);
    Forward(b, y_.data());
    Backward(y_.data(), x);
  }

  /// U' y = b; both n long, may be the same. What is left of b is only written by whole vectors: a narrow store before a wide load stalls.
  void Forward(const T* b, T* y) {
    work_.assign(b, b + n_);
    for (size_t j = 0; j < n_; ++j) {
      const T* row = Row(j);
      y[j] = work_[j] * inverse_[j];
      const auto scale = Broadcast(y[j]);
      for (size_t c = BlockOf(j); c < n_; c += kWidth)
        Store(&work_[c], MultiplySubtract(scale, Load(row + c), Load(&work_[c])));
    }
  }

  /// U x = y, a block of rows at a time from the last; both n long, may be the same.
  void Backward(const T* y, T* x) {
    for (size_t block = n_; block != 0; block -= kWidth) BackwardBlock(block - kWidth, y, x);
  }

  /// So many vectors are solved at once, which takes hardly longer than one.
  static constexpr size_t kTogether = 64 / sizeof(T);

  /// U' y = b for kTogether of them side by side: number c of all is in row c. b and y may be the same. What one gets does not depend on the
  /// others.
  void ForwardTogether(const T* b, T* y) const {
    for (size_t first = 0; first < n_; first += kPanel) ForwardPanel(first, 0, b, y, kTogether);
  }

  /// U x = y for as many, likewise.
  void BackwardTogether(const T* y, T* x) const {
    for (size_t row = n_; row-- > 0;) {
      auto left = Load(y + row * kTogether), right = Load(y + row * kTogether + kWidth);
      for (size_t c = row + 1; c < n_; ++c) {
        const auto scale = Broadcast(Row(row)[c]);
        left = MultiplySubtract(scale, Load(x + c * kTogether), left);
        right = MultiplySubtract(scale, Load(x + c * kTogether + kWidth), right);
      }
      Store(x + row * kTogether, Multiply(Broadcast(inverse_[row]), left));
      Store(x + row * kTogether + kWidth, Multiply(Broadcast(inverse_[row]), right));
    }
  }

  /// U'^-1, n x n, a lower triangle: zeros above it.
  void Invert(T* inverse) const {
    std::fill_n(inverse, n_ * n_, T{0});
    for (size_t i = 0; i < n_; ++i) inverse[i * n_ + i] = 1;
    for (size_t some = 0; some < n_; some += kTogether)
      for (size_t first = some; first < n_; first += kPanel) ForwardPanel(first, some, inverse + some, inverse + some, n_);
  }

 private:
  static constexpr size_t kWidth = 32 / sizeof(T);
  static constexpr size_t kPanel = 4;
  static size_t BlockOf(size_t i) { return i / kWidth * kWidth; }

  /// Rows [first, first + kPanel), from which those before them are subtracted already.
  bool FactorisePanel(size_t first) {
    for (size_t j = first; j < first + kPanel; ++j) {
      for (size_t before = first; before < j; ++before) SubtractRow(before, j);
      const T pivot = Row(j)[j];
      if (!(pivot > 0) || !std::isfinite(pivot)) return false;
      inverse_[j] = 1 / std::sqrt(pivot);
      ScaleRow(j);
    }
    return true;
  }

  void ScaleRow(size_t j) {
    T* row = Row(j);
    for (size_t c = BlockOf(j); c < j; ++c) row[c] = 0;
    const auto scale = Broadcast(inverse_[j]);
    for (size_t c = BlockOf(j); c < n_; c += kWidth) Store(row + c, Multiply(scale, Load(row + c)));
  }

  void SubtractRow(size_t j, size_t i) {
    const T* from = Row(j);
    T* to = Row(i);
    const auto scale = Broadcast(from[i]);
    for (size_t c = BlockOf(i); c < n_; c += kWidth) Store(to + c, MultiplySubtract(scale, Load(from + c), Load(to + c)));
  }

  /// A panel at a time: row i is loaded and stored once for all its rows.
  void SubtractPanel(size_t first, size_t i) {
    const T* from = Row(first);
    T* to = Row(i);
    const auto scale0 = Broadcast(from[i]), scale1 = Broadcast(from[n_ + i]);
    const auto scale2 = Broadcast(from[2 * n_ + i]), scale3 = Broadcast(from[3 * n_ + i]);
    for (size_t c = BlockOf(i); c < n_; c += kWidth) {
      auto left = MultiplySubtract(scale0, Load(from + c), Load(to + c));
      left = MultiplySubtract(scale1, Load(from + n_ + c), left);
      left = MultiplySubtract(scale2, Load(from + 2 * n_ + c), left);
      Store(to + c, MultiplySubtract(scale3, Load(from + 3 * n_ + c), left));
    }
  }

  /// Rows [first, first + kPanel) of y, those before them being there, and 0 before the row `from`.
  void ForwardPanel(size_t first, size_t from, const T* b, T* y, size_t apart) const {
    decltype(Broadcast(T{})) left[kPanel][2];
    for (size_t r = 0; r < kPanel; ++r)
      for (size_t half = 0; half < 2; ++half) left[r][half] = Load(b + (first + r) * apart + half * kWidth);
    for (size_t before = from; before < first; ++before) {
      const T* const of_before = y + before * apart;
      for (size_t r = 0; r < kPanel; ++r) {
        const auto scale = Broadcast(Row(before)[first + r]);
        for (size_t half = 0; half < 2; ++half) left[r][half] = MultiplySubtract(scale, Load(of_before + half * kWidth), left[r][half]);
      }
    }
    for (size_t r = 0; r < kPanel; ++r) {
      for (size_t half = 0; half < 2; ++half) {
        for (size_t q = 0; q < r; ++q)
          left[r][half] = MultiplySubtract(Broadcast(Row(first + q)[first + r]), left[q][half], left[r][half]);
        left[r][half] = Multiply(Broadcast(inverse_[first + r]), left[r][half]);
        Store(y + (first + r) * apart + half * kWidth, left[r][half]);
      }
    }
  }

  void BackwardBlock(size_t first, const T* y, T* x) {
    T left[kWidth];
    for (size_t r = 0; r < kWidth; ++r) left[r] = y[first + r] - DotFrom(first + r, first + kWidth, x);
    for (size_t r = kWidth; r-- > 0;) {
      left[r] *= inverse_[first + r];
      for (size_t q = 0; q < r; ++q) left[q] = std::fma(-Row(first + q)[first + r], left[r], left[q]);
    }
    Store(x + first, Load(left));
  }

  T DotFrom(size_t row, size_t column, const T* x) {
    auto sum = Broadcast(T{0});
    for (size_t c = column; c < n_; c += kWidth) sum = MultiplyAdd(Load(Row(row) + c), Load(x + c), sum);
    return Sum(sum);
  }

  size_t n_ = 0;
  AlignedVector<T> a_;
  AlignedVector<T> inverse_;  // 1 / U_jj
  AlignedVector<T> work_, y_;  // scratch
};

}  // namespace catwalk::models
