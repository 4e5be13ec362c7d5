#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "models/lanes.h"
#include "models/narrow.h"

/// The inner loops of Retrieval: narrow products of many rows with a query, looked at in registers. Those that are of no
/// interest are never stored.
namespace catwalk::models {

constexpr size_t kTilesAtOnce = NarrowRows::kRowsAtOnce / NarrowRows::kTileRows;

/// By row, in the order of rows.
using Products64 = Short16[kTilesAtOnce];

/// The products of 64 rows with the query. The rows are the lanes, so nothing is summed across them.
inline void Multiply(const NarrowRows& rows, int first_row, const NarrowQuery& query, Products64& products) {
  const int16_t* starts = rows.starts() + first_row;
#pragma GCC unroll 4
  for (size_t t = 0; t < kTilesAtOnce; ++t) products[t] = Load(starts + t * NarrowRows::kTileRows);
  const int8_t* tile = rows.Tile(first_row);
  const size_t tile_bytes = rows.pairs() * sizeof(Short16);
#pragma GCC unroll 4
  for (const int32_t pair : query.pairs()) {
    const Byte32 both = BroadcastInt(pair);
#pragma GCC unroll 4
    for (size_t t = 0; t < kTilesAtOnce; ++t)
      products[t] = Add16(products[t], MultiplyBytePairs(both, Load(tile + t * tile_bytes)));
    tile += sizeof(Short16);
  }
}

/// A bit for each product that is larger than `bound`.
inline uint64_t Above(const Products64& products, int bound) {
  const Short16 than = BroadcastShort(static_cast<int16_t>(bound));
  const uint64_t low = LargerBits(products[0], products[1], than), high = LargerBits(products[2], products[3], than);
  return low | high << 32;
}

inline void Store(const Products64& products, int16_t* to) {
#pragma GCC unroll 4
  for (size_t t = 0; t < kTilesAtOnce; ++t) Store(to + t * NarrowRows::kTileRows, products[t]);
}

/// Rows looked at for one query, and then for the next: 16 KiB of narrow factors at k = 32 stay in the first-level cache meanwhile.
constexpr int kBlockRows = 512;

/// Calls offer(row, product) for the rows of [first, end) whose product is at least `least`, which offer may raise. It is
/// at least -32767 and at most 32767. `first`: a multiple of 64; `end`: at most kBlockRows after it.
/// Which rows these are nobody can predict, so all products are there before the first is looked at.
template <class Offer>
void ForEachLikely(const NarrowRows& rows, int first, int end, const NarrowQuery& query, const int& least, Offer offer) {
  constexpr size_t kAtOnce = NarrowRows::kRowsAtOnce;
  alignas(32) int16_t stored[kBlockRows];
  uint64_t likely[kBlockRows / kAtOnce];
  const size_t groups = (static_cast<size_t>(end - first) + kAtOnce - 1) / kAtOnce;
  uint32_t left = 0;  // a bit for each group that has some
  for (size_t g = 0; g < groups; ++g) {
    Products64 products;
    Multiply(rows, first + static_cast<int>(g * kAtOnce), query, products);
    likely[g] = Above(products, least - 1);
    left |= uint32_t{likely[g] != 0} << g;
    Store(products, stored + g * kAtOnce);
  }
  while (left != 0) {
    const auto g = static_cast<size_t>(std::countr_zero(left));
    const size_t at = g * kAtOnce + static_cast<size_t>(std::countr_zero(likely[g]));
    likely[g] &= likely[g] - 1;
    left &= ~(uint32_t{likely[g] == 0} << g);
    if (stored[at] >= least) offer(first + static_cast<int>(at), int{stored[at]});
  }
}

/// The largest number that at least `rank` of `count` numbers reach. 1 <= rank <= count, which is a multiple of 64.
/// Bisection, because a selection would take every other branch wrong.
inline int ReachedBy(size_t rank, const int16_t* numbers, size_t count) {
  int low = NarrowRows::kAbsent, high = NarrowRows::kTooLong;  // low is reached by enough
  while (low < high) {
    const int middle = high - (high - low) / 2;
    int reach = 0;
    for (const int16_t* of = numbers; of != numbers + count; of += NarrowRows::kRowsAtOnce)
      reach += std::popcount(Above({Load(of), Load(of + 16), Load(of + 32), Load(of + 48)}, middle - 1));
    if (static_cast<size_t>(reach) >= rank) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/// A product that at least `rank` (1 to 64) of the rows [0, end) reach, and not many more: of 64 groups of rows, the rank-th
/// best of the groups' best. `end`: a multiple of 64.
inline int ReachedByAbout(size_t rank, const NarrowRows& rows, int end, const NarrowQuery& query) {
  Products64 products, best;
  Multiply(rows, 0, query, best);
  for (int row = NarrowRows::kRowsAtOnce; row < end; row += static_cast<int>(NarrowRows::kRowsAtOnce)) {
    Multiply(rows, row, query, products);
#pragma GCC unroll 4
    for (size_t t = 0; t < kTilesAtOnce; ++t) best[t] = Larger(best[t], products[t]);
  }
  alignas(32) int16_t stored[NarrowRows::kRowsAtOnce];
  Store(best, stored);
  return ReachedBy(rank, stored, NarrowRows::kRowsAtOnce);
}

}  // namespace catwalk::models
