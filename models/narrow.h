#pragma once

#include <cstddef>
#include <cstdint>

namespace catwalk::models {

/// Vectors in whole numbers of 16 bits: half the memory and half the work of floats, for a first look at products. A vector q
/// becomes Q with q = scale (Q + e), |e_i| <= 0.51, |Q| <= 2^15; so by Cauchy and Schwarz no partial sum of a product of two
/// leaves 32 bits.

/// The rows of a table.
struct NarrowRows {
  const int16_t* vectors = nullptr;  // stride apart
  const float* scales = nullptr;
  size_t stride = 0;                 // NarrowStride
  int32_t error = 0;                 // NarrowError
};

/// Numbers from one narrow vector to the next: k rounded up to 16, padding is 0.
constexpr int NarrowStride(int k) { return (k + 15) / 16 * 16; }

/// Writes NarrowStride(k) numbers; returns the scale. `from`: k finite floats.
float Narrow(const float* from, int k, int16_t* to);

/// What the product of two narrow vectors, times both scales, may differ from models::DotProduct of the floats, in units of
/// the scales' product: q p - s t QP = s t (Qf + eP + ef), and |Q|_1 <= sqrt(n) |Q|. The rest, which is small against
/// |Q||P| <= 2^30, is for the rounding of floats: of DotProduct, of the scales and of what is compared with them.
int32_t NarrowError(int k);

}  // namespace catwalk::models
