#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "models/lanes.h"
#include "models/narrow.h"

/// The inner loop of Retrieval: upper bounds of the products of many rows with a query, compared with a threshold in
/// registers. Bounds that stay below are never stored.
namespace catwalk::models {

/// A bit for each of 64 rows whose bound, in units of the query's scale, reaches the threshold. A row's bound is its scale
/// times (the narrow product + the error it may have). The rows are the lanes, so nothing is summed across them.
inline uint64_t RowsThatReach(float threshold, const NarrowRows& rows, int first_row, const NarrowQuery& query) {
  constexpr size_t kTiles = NarrowRows::kRowsAtOnce / NarrowRows::kTileRows;
  const int16_t* starts = rows.starts() + first_row;
  const int8_t* tile = rows.Tile(first_row);
  const size_t tile_bytes = rows.pairs() * sizeof(Short16);
  Short16 sums[kTiles];
#pragma GCC unroll 4
  for (size_t t = 0; t < kTiles; ++t) sums[t] = Load(starts + t * NarrowRows::kTileRows);
  for (const int32_t pair : query.pairs()) {
    const Byte32 both = BroadcastInt(pair);
#pragma GCC unroll 4
    for (size_t t = 0; t < kTiles; ++t) sums[t] = Add16(sums[t], MultiplyBytePairs(both, Load(tile + t * tile_bytes)));
    tile += sizeof(Short16);
  }
  const Float8 error = Broadcast(query.error()), least = Broadcast(threshold);
  const float* scales = rows.scales() + first_row;
  uint64_t reached = 0;
#pragma GCC unroll 8
  for (size_t i = 0; i < 2 * kTiles; ++i) {
    const Float8 product = ToFloat(i % 2 == 0 ? WidenLow(sums[i / 2]) : WidenHigh(sums[i / 2]));
    reached |= uint64_t{AtLeast(Multiply(Add(product, error), Load(scales + i * 8)), least)} << (i * 8);
  }
  return reached;
}

/// Calls offer(row) for the rows of [first, end) whose bound reaches the threshold, which offer may raise. `first`: a
/// multiple of 64.
template <class Offer>
void ForEachLikely(const NarrowRows& rows, int first, int end, const NarrowQuery& query, const float& threshold, Offer offer) {
  for (int row = first; row < end; row += static_cast<int>(NarrowRows::kRowsAtOnce))
    for (uint64_t left = RowsThatReach(threshold, rows, row, query); left != 0; left &= left - 1)
      offer(row + std::countr_zero(left));
}

}  // namespace catwalk::models
