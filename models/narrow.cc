#include "models/narrow.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace catwalk::models {
namespace {

constexpr int kQueryOffset = 64;
constexpr double kLargestOfQuery = 63;  // (63 + 64) x 127 x 2 fits 16 bits: the sum of a pair, which does not wrap
constexpr double kLargestOfRow = 127;
/// No unit is so small that floats lose bits of it, or of a product of two.
constexpr float kSmallestUnit = 1e-16F;
/// For the rounding of floats: of DotProduct, of the units and of what is compared with them. Small against 2^15.
constexpr double kForRounding = 1;
/// A new unit leaves so much room for rows to grow, and is replaced when it has become so much larger than it must be.
constexpr float kRoomToGrow = 1.02F;
constexpr float kNeedlesslyLarge = 4;

double Square(double x) { return x * x; }

/// The most by which rounding can change the length of a vector.
double RoundingLength(int k) { return 0.51 * std::sqrt(static_cast<double>(k)); }

/// How long a query may be before it is rounded, in its unit; a row may be twice as long. With h for RoundingLength,
/// |Q| |V| <= (128 - h + h) (256 - 2 h + h) < 2^15 - 128 h.
double QueryLength(int k) { return 128 - RoundingLength(k); }

/// The smallest unit in which a vector, of this length, has neither a larger component nor a larger length.
float UnitFor(std::span<const float> vector, double length, double largest, double longest) {
  double component = 0;
  for (const float x : vector) component = std::max(component, std::abs(static_cast<double>(x)));
  return std::max(static_cast<float>(std::max(length / longest, component / largest)), kSmallestUnit);
}

int Rounded(float component, float unit, double largest) {
  return static_cast<int>(std::rint(std::clamp(static_cast<double>(component / unit), -largest, largest)));  // std::lrint is not inlined
}

}  // namespace

double Length(std::span<const float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(squares);
}

NarrowRows::NarrowRows(int k) : k_(k), pairs_((static_cast<size_t>(k) + 1) / 2), unit_(kSmallestUnit) {}

void NarrowRows::Resize(int rows) {
  const auto size = static_cast<size_t>(rows), room = (size + kRowsAtOnce - 1) / kRowsAtOnce * kRowsAtOnce;
  for (size_t row = size; row < own_units_.size(); ++row) Clear(static_cast<int>(row));
  vectors_.resize(room * pairs_ * 2);
  starts_.resize(room, kAbsent);
  own_units_.resize(size);
}

void NarrowRows::Set(int row, const float* vector) {
  const auto at = static_cast<size_t>(row);
  const std::span components(vector, static_cast<size_t>(k_));
  own_units_[at] = UnitFor(components, Length(components), kLargestOfRow, 2 * QueryLength(k_));
  SetNumbers(at, vector);
}

void NarrowRows::SetNumbers(size_t row, const float* vector) {
  const bool fits = own_units_[row] <= unit_;
  int sum = 0, squares = 0;
  double rounding = 0;
  for (size_t i = 0; i < static_cast<size_t>(k_); ++i) {
    const int rounded = fits ? Rounded(vector[i], unit_, kLargestOfRow) : 0;
    vectors_[At(row, i / 2) + i % 2] = static_cast<int8_t>(rounded);
    sum += rounded;
    squares += rounded * rounded;
    rounding += fits ? Square(static_cast<double>(vector[i]) / static_cast<double>(unit_) - rounded) : 0;
  }
  starts_[row] = static_cast<int16_t>(fits ? -kQueryOffset * sum : kTooLong);
  longest_ = std::max(longest_, std::sqrt(static_cast<double>(squares)));
  roughest_ = std::max(roughest_, std::sqrt(rounding));
}

void NarrowRows::Clear(int row) {
  const auto at = static_cast<size_t>(row);
  for (size_t pair = 0; pair < pairs_; ++pair) std::fill_n(&vectors_[At(at, pair)], 2, int8_t{0});
  starts_[at] = kAbsent;
  own_units_[at] = 0;
}

void NarrowRows::Copy(size_t to, const NarrowRows& rows, size_t from) {
  for (size_t pair = 0; pair < pairs_; ++pair) std::copy_n(&rows.vectors_[rows.At(from, pair)], 2, &vectors_[At(to, pair)]);
  starts_[to] = rows.starts_[from];
  own_units_[to] = rows.own_units_[from];
  longest_ = std::max(longest_, rows.longest_);
  roughest_ = std::max(roughest_, rows.roughest_);
}

size_t NarrowRows::CountAbove(float unit) const {
  return static_cast<size_t>(std::count_if(own_units_.begin(), own_units_.end(), [unit](float own) { return own > unit; }));
}

bool NarrowRows::Fits() const {
  if (CountAbove(unit_) >= TooMany()) return false;
  return unit_ <= kSmallestUnit * kNeedlesslyLarge || CountAbove(unit_ / kNeedlesslyLarge) >= TooMany();
}

void NarrowRows::Refit(const float* vectors, size_t stride) {
  std::vector<float> units = own_units_;
  const auto longest_that_fits = units.begin() + static_cast<ptrdiff_t>(TooMany()) - 1;
  if (longest_that_fits >= units.end()) return;
  std::nth_element(units.begin(), longest_that_fits, units.end(), std::greater<>());
  longest_ = roughest_ = 0;
  unit_ = std::max(*longest_that_fits * kRoomToGrow, kSmallestUnit);
  for (size_t row = 0; row < own_units_.size(); ++row)
    if (own_units_[row] > 0) SetNumbers(row, vectors + row * stride);
}

// With V and e of a row, Q and f of the query: v q = s t (V + e) (Q + f) = s t (V Q + V f + e (Q + f)).
int NarrowRows::ErrorWith(const NarrowQuery& query) const {
  return static_cast<int>(std::ceil(longest_ * query.rounding() + roughest_ * query.length() + kForRounding));
}

void NarrowQuery::Set(const float* vector, int k) {
  const std::span components(vector, static_cast<size_t>(k));
  const double length = Length(components);
  unit_ = UnitFor(components, length, kLargestOfQuery, QueryLength(k));
  length_ = length / static_cast<double>(unit_);
  pairs_.assign((static_cast<size_t>(k) + 1) / 2, 0);
  double rounding = 0;
  for (int i = 0; i < k; ++i) {
    const int rounded = Rounded(vector[i], unit_, kLargestOfQuery);
    rounding += Square(static_cast<double>(vector[i]) / static_cast<double>(unit_) - rounded);
    pairs_[static_cast<size_t>(i) / 2] |= (rounded + kQueryOffset) * (i % 2 == 0 ? 0x10001 : 0x1000100);
  }
  rounding_ = std::sqrt(rounding);
}

}  // namespace catwalk::models
