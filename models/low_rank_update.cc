#include "models/low_rank_update.h"

#include <algorithm>

namespace catwalk::models {

bool LowRankUpdate::Set(const Whitening& base, Rows<const double> vectors, size_t count) {
  const size_t room = (count + kTileColumns - 1) / kTileColumns * kTileColumns;
  count_ = count;
  n_ = base.size();
  vectors_.resize(n_ * room);
  x_.resize(n_ * room);
  kernel_.Resize(room);
  Turn(vectors, count, n_, Rows<double>{vectors_.data(), room});
  base.WhitenTogether(vectors_.data(), room, x_.data());
  const Rows<const double> x{x_.data(), room};
  for (size_t row = 0; row < room; ++row) {
    std::fill_n(kernel_.Row(row), room, 0.0);
    kernel_.Row(row)[row] = 1;
  }
  for (size_t row = 0; row < count; row += kTileRows)
    for (size_t column = row / kTileColumns * kTileColumns; column < room; column += kTileColumns)
      AddProducts<Side::kColumns>(x, x, n_, row, column, {kernel_.Row(0), room});
  return kernel_.Factorise();
}

void LowRankUpdate::Multiply(const double* white, double* products) const {
  for (size_t some = 0; some < room(); some += kTileColumns) SumRows(white, {x_.data(), room()}, 0, n_, some, products + some);
}

void LowRankUpdate::Add(const double* weights, double* white) const {
  for (size_t c = 0; c < n_ && room() > 0; ++c) {
    Double4 sum = Broadcast(0.0);
    for (size_t j = 0; j < room(); j += kDoubleLanes) sum = MultiplyAdd(Load(weights + j), Load(&x_[c * room() + j]), sum);
    white[c] += Sum(sum);
  }
}

/// products_ = X' y of each.
void LowRankUpdate::MultiplyTogether(const double* white) {
  products_.assign(room() * kTogether, 0.0);
  const Rows<const double> x{x_.data(), room()}, y{white, kTogether};
  for (size_t row = 0; row < count_; row += kTileRows) AddProducts<Side::kColumns>(x, y, n_, row, 0, {products_.data(), kTogether});
}

void LowRankUpdate::Shorten(const double* white, double* squares) {
  MultiplyTogether(white);
  kernel_.ForwardTogether(products_.data(), products_.data());
  SumSquares(products_.data(), room(), squares);
}

void LowRankUpdate::TakeOff(double* white) {
  MultiplyTogether(white);
  kernel_.ForwardTogether(products_.data(), products_.data());
  kernel_.BackwardTogether(products_.data(), products_.data());
  for (double& weight : products_) weight = -weight;
  const Rows<const double> x{x_.data(), room()}, weights{products_.data(), kTogether};
  for (size_t row = 0; row < n_; row += kTileRows) AddProducts<Side::kRows>(x, weights, count_, row, 0, {white, kTogether});
}

void SumSquares(const double* vectors, size_t n, double* squares) {
  constexpr size_t kTogether = LowRankUpdate::kTogether;
  Double4 left = Broadcast(0.0), right = Broadcast(0.0);
  for (const double* of = vectors; of != vectors + n * kTogether; of += kTogether) {
    left = MultiplyAdd(Load(of), Load(of), left);
    right = MultiplyAdd(Load(of + kDoubleLanes), Load(of + kDoubleLanes), right);
  }
  Store(squares, left);
  Store(squares + kDoubleLanes, right);
}

}  // namespace catwalk::models
