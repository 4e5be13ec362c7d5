#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "models/aligned.h"
#include "models/lanes.h"
#include "models/narrow.h"

/// The inner loops of Retrieval: upper bounds of the products of many rows with many users, compared with a threshold in
/// registers. Bounds that stay below are never stored.
///
/// Vectors are narrow (models/narrow.h). A row's bound is its scale times (the narrow product + the error it may have); the
/// users' scales are in the thresholds. A receiver is anything with Offer(lane, row), called for bounds that reach their
/// threshold; it may raise thresholds.
namespace catwalk::models {

/// Up to 8 or 16 users beside each other, one in each lane, and what a bound must reach to be of interest.
struct UserGroup {
  static constexpr size_t kMostLanes = 16;
  size_t lanes = 0;                          // 8 or 16
  AlignedVector<int16_t> vectors;            // stride / 2 x lanes x 2: pairs of dimensions
  alignas(32) float thresholds[kMostLanes];  // +inf in a lane without a user
};

/// Offers those of eight rows' or users' bounds whose bit is set, the lowest first.
template <class Offer>
inline void ForEachHit(unsigned hits, Offer offer) {
  for (; hits != 0; hits &= hits - 1) offer(std::countr_zero(hits));
}

/// Offers the bounds (rows x lanes) that reach the threshold of their lane. Out of line, so that the tile keeps its registers.
template <class Receiver>
[[gnu::noinline]] void OfferTile(const float* bounds, int rows, const UserGroup& group, int first_row, Receiver receiver) {
  for (int row = first_row; row < first_row + rows; ++row)
    for (size_t lane = 0; lane < group.lanes; lane += 8, bounds += 8)
      ForEachHit(AtLeast(Load(bounds), Load(group.thresholds + lane)),
                 [&](int hit) { receiver.Offer(lane + static_cast<size_t>(hit), row); });
}

/// kRows rows with 8 kVectors users: the sums stay in registers, each row's pair is broadcast once for all users.
template <int kRows, int kVectors, class Receiver>
inline void ScoreTile(const NarrowRows& table, int first_row, const UserGroup& group, Receiver receiver) {
  constexpr int kSums = kRows * kVectors;
  Int8 sums[kSums];
#pragma GCC unroll 16
  for (int s = 0; s < kSums; ++s) sums[s] = BroadcastInt(table.error);
  const int16_t* rows = table.vectors + static_cast<size_t>(first_row) * table.stride;
  const int16_t* users = group.vectors.data();
  for (size_t i = 0; i < table.stride; i += 2, users += 16 * kVectors) {
#pragma GCC unroll 16
    for (int s = 0; s < kSums; ++s)
      sums[s] = Add(sums[s], MultiplyPairs(BroadcastPair(rows + static_cast<size_t>(s / kVectors) * table.stride + i),
                                           Load(users + s % kVectors * 16)));
  }
  Float8 bounds[kSums];
  Float8 hits = _mm256_setzero_ps();
#pragma GCC unroll 16
  for (int s = 0; s < kSums; ++s) {
    bounds[s] = Multiply(ToFloat(sums[s]), Broadcast(table.scales[first_row + s / kVectors]));
    hits = _mm256_or_ps(hits, _mm256_cmp_ps(bounds[s], Load(group.thresholds + s % kVectors * 8), _CMP_GE_OQ));
  }
  if (_mm256_movemask_ps(hits) == 0) [[likely]] return;
  alignas(32) float stored[kSums * 8];
#pragma GCC unroll 16
  for (int s = 0; s < kSums; ++s) Store(stored + s * 8, bounds[s]);
  OfferTile(stored, kRows, group, first_row, receiver);
}

/// Rows [first, end) with 8 kVectors users. kRows * kVectors sums and what feeds them should fit 16 registers.
template <int kRows, int kVectors, class Receiver>
void ScoreTiles(const NarrowRows& table, int first, int end, const UserGroup& group, Receiver receiver) {
  int row = first;
  for (; row + kRows <= end; row += kRows) ScoreTile<kRows, kVectors>(table, row, group, receiver);
  for (; row < end; ++row) ScoreTile<1, kVectors>(table, row, group, receiver);
}

template <class Receiver>
void ScoreGroup(const NarrowRows& table, int first, int end, const UserGroup& group, Receiver receiver) {
  if (group.lanes == 16) {
    ScoreTiles<6, 2>(table, first, end, group, receiver);
  } else {
    ScoreTiles<8, 1>(table, first, end, group, receiver);
  }
}

/// The sums of eight vectors, one in each lane.
inline Int8 SumEach(const Int8 (&x)[8]) {
  const Int8 low = _mm256_hadd_epi32(_mm256_hadd_epi32(x[0], x[1]), _mm256_hadd_epi32(x[2], x[3]));
  const Int8 high = _mm256_hadd_epi32(_mm256_hadd_epi32(x[4], x[5]), _mm256_hadd_epi32(x[6], x[7]));
  return Add(_mm256_permute2x128_si256(low, high, 0x20), _mm256_permute2x128_si256(low, high, 0x31));
}

/// Bounds of kRows rows (1 or 8) with one user, whose vector's dimensions are the lanes.
template <int kRows>
inline Float8 ScoreRows(const NarrowRows& table, int first_row, const int16_t* user) {
  Int8 sums[8] = {};
  const int16_t* rows = table.vectors + static_cast<size_t>(first_row) * table.stride;
  for (size_t c = 0; c < table.stride; c += 16) {
    const Short16 part = Load(user + c);
#pragma GCC unroll 8
    for (size_t r = 0; r < kRows; ++r) sums[r] = Add(sums[r], MultiplyPairs(Load(rows + r * table.stride + c), part));
  }
  const Float8 scales = kRows == 8 ? Load(table.scales + first_row) : Broadcast(table.scales[first_row]);
  return Multiply(ToFloat(Add(SumEach(sums), BroadcastInt(table.error))), scales);
}

/// Rows [first, end) with one user, which is lane 0 to the receiver.
template <class Receiver>
void ScoreOne(const NarrowRows& table, int first, int end, const int16_t* user, const float& threshold, Receiver receiver) {
  int row = first;
  for (; row + 8 <= end; row += 8)
    ForEachHit(AtLeast(ScoreRows<8>(table, row, user), Broadcast(threshold)),
               [&](int hit) { receiver.Offer(size_t{0}, row + hit); });
  for (; row < end; ++row)
    if ((AtLeast(ScoreRows<1>(table, row, user), Broadcast(threshold)) & 1U) != 0) receiver.Offer(size_t{0}, row);
}

}  // namespace catwalk::models
