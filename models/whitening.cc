#include "models/whitening.h"

#include <algorithm>

namespace catwalk::models {

void Whitening::Set(const Cholesky<double>& factorised) {
  n_ = factorised.size();
  inverse_.resize(n_ * n_);
  factorised.Invert(inverse_.data());
}

void Whitening::Whiten(const double* b, double* white) const {
  for (size_t row = 0; row < n_; ++row) {
    Double4 sum = Broadcast(0.0);
    for (size_t c = 0; c <= row; c += kDoubleLanes) sum = MultiplyAdd(Load(inverse().At(row, c)), Load(b + c), sum);
    white[row] = Sum(sum);
  }
}

void Whitening::WhitenTogether(const double* b, size_t vectors, double* white) const {
  std::fill_n(white, n_ * vectors, 0.0);
  for (size_t row = 0; row < n_; row += kTileRows)
    for (size_t some = 0; some < vectors; some += kTileColumns)
      AddProducts<Side::kRows>(inverse(), {b, vectors}, row + kTileRows, row, some, {white, vectors});
}

void Whitening::Back(const double* white, double* b) const {
  for (size_t c = 0; c < n_; c += kTileColumns) SumRows(white, inverse(), c, n_, c, b + c);
}

void Whitening::BackTogether(const double* white, size_t vectors, double* b) const {
  std::fill_n(b, n_ * vectors, 0.0);
  for (size_t c = 0; c < n_; c += kTileRows) {
    const Rows<const double> inverse_from{inverse().At(c), n_}, white_from{white + c * vectors, vectors};
    for (size_t some = 0; some < vectors; some += kTileColumns)
      AddProducts<Side::kColumns>(inverse_from, white_from, n_ - c, c, some, {b, vectors});
  }
}

}  // namespace catwalk::models
