#include "models/narrow.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace catwalk::models {
namespace {

constexpr float kNever = std::numeric_limits<float>::quiet_NaN();
constexpr int kQueryOffset = 64;
constexpr double kLargestOfQuery = 63;  // (63 + 64) x 127 x 2 fits 16 bits: the sum of a pair, which does not wrap
constexpr double kLargestOfRow = 127;
/// Shorter vectors are taken for as long as this: no scale is so small that floats lose bits of it.
constexpr double kShortest = 1e-15;
/// For the rounding of floats: of DotProduct, of the scales and of what is compared with them. Small against 2^15.
constexpr double kForRounding = 1;

/// The most by which rounding can change the length of a vector.
double RoundingLength(int k) { return 0.51 * std::sqrt(static_cast<double>(k)); }

/// How long a query may be before it is rounded, in units of its scale; a row may be twice as long. With h for
/// RoundingLength, |Q| |V| <= (128 - h + h) (256 - 2 h + h) < 2^15.
double QueryLength(int k) { return 128 - RoundingLength(k); }

/// The smallest unit in which the vector has neither a larger component nor a larger length.
float ScaleOf(const float* vector, int k, double largest, double length) {
  double component = 0;
  for (int i = 0; i < k; ++i) component = std::max(component, std::abs(static_cast<double>(vector[i])));
  return static_cast<float>(std::max({Length({vector, static_cast<size_t>(k)}) / length, component / largest, kShortest / largest}));
}

int Rounded(float component, float scale, double largest) {
  return static_cast<int>(std::lrint(std::clamp(static_cast<double>(component / scale), -largest, largest)));
}

}  // namespace

double Length(std::span<const float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(squares);
}

NarrowRows::NarrowRows(int k) : k_(k), pairs_((static_cast<size_t>(k) + 1) / 2) {}

void NarrowRows::Resize(int rows) {
  const auto before = scales_.size();
  const size_t room = (static_cast<size_t>(rows) + kRowsAtOnce - 1) / kRowsAtOnce * kRowsAtOnce;
  vectors_.resize(room * pairs_ * 2);
  starts_.resize(room);
  scales_.resize(room, kNever);
  for (auto row = static_cast<size_t>(rows); row < std::min(before, room); ++row) scales_[row] = kNever;
}

void NarrowRows::Set(int row, const float* vector) {
  const float scale = ScaleOf(vector, k_, kLargestOfRow, 2 * QueryLength(k_));
  const auto at = static_cast<size_t>(row);
  int sum = 0;
  for (int i = 0; i < k_; ++i) {
    const int rounded = Rounded(vector[i], scale, kLargestOfRow);
    vectors_[At(at, static_cast<size_t>(i) / 2) + static_cast<size_t>(i % 2)] = static_cast<int8_t>(rounded);
    sum += rounded;
  }
  starts_[at] = static_cast<int16_t>(-kQueryOffset * sum);
  scales_[at] = scale;
}

void NarrowRows::Clear(int row) { scales_[static_cast<size_t>(row)] = kNever; }

void NarrowRows::Copy(size_t to, const NarrowRows& rows, size_t from) {
  for (size_t pair = 0; pair < pairs_; ++pair) std::copy_n(&rows.vectors_[rows.At(from, pair)], 2, &vectors_[At(to, pair)]);
  starts_[to] = rows.starts_[from];
  scales_[to] = rows.scales_[from];
}

// With V and e of a row, Q and f of the query: v q - s t V Q = s t (V f + e Q + e f).
void NarrowQuery::Set(const float* vector, int k) {
  scale_ = ScaleOf(vector, k, kLargestOfQuery, QueryLength(k));
  pairs_.assign((static_cast<size_t>(k) + 1) / 2, 0);
  double rounding = 0;
  for (int i = 0; i < k; ++i) {
    const int rounded = Rounded(vector[i], scale_, kLargestOfQuery);
    const double lost = static_cast<double>(vector[i]) / static_cast<double>(scale_) - rounded;
    rounding += lost * lost;
    pairs_[static_cast<size_t>(i) / 2] |= (rounded + kQueryOffset) * (i % 2 == 0 ? 0x10001 : 0x1000100);
  }
  const double h = RoundingLength(k);
  error_ = static_cast<float>((2 * QueryLength(k) + h) * std::sqrt(rounding) + h * 128 + kForRounding);
}

}  // namespace catwalk::models
