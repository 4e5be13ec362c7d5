#pragma once

#include <bit>
#include <cstddef>

#include "models/aligned.h"
#include "models/lanes.h"

/// The inner loops of Retrieval: products of many rows with many users, compared with a threshold in registers. Scores that
/// stay below are never stored. A receiver is anything with Offer(lane, row, score).
namespace catwalk::models {

/// Up to 8 or 16 users beside each other, one in each lane, and what a score must reach to be of interest.
struct UserGroup {
  static constexpr size_t kMostLanes = 16;
  size_t lanes = 0;                          // 8 or 16
  AlignedVector<float> vectors;              // stride x lanes
  alignas(32) float thresholds[kMostLanes];  // +inf in a lane without a user
};

/// Offers those of eight scores that reach their threshold.
template <class Receiver>
inline void OfferEight(Float8 scores, const float* thresholds, size_t first_lane, int row, Receiver receiver) {
  auto hits = static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(scores, Load(thresholds + first_lane), _CMP_GE_OQ)));
  if (hits == 0) return;
  alignas(32) float each[8];
  for (Store(each, scores); hits != 0; hits &= hits - 1) {
    const auto lane = static_cast<size_t>(std::countr_zero(hits));
    receiver.Offer(first_lane + lane, row, each[lane]);
  }
}

/// Offers the scores (rows x lanes) that reach the threshold of their lane. Out of line, so that the tile keeps its registers.
template <class Receiver>
[[gnu::noinline]] void OfferTile(const float* scores, int rows, const UserGroup& group, int first_row, Receiver receiver) {
  for (int row = 0; row < rows; ++row)
    for (size_t lane = 0; lane < group.lanes; lane += 8, scores += 8)
      OfferEight(Load(scores), group.thresholds, lane, first_row + row, receiver);
}

/// kRows rows with 8 kVectors users: the sums stay in registers, each row's component is broadcast once for all users.
template <int kRows, int kVectors, class Receiver>
inline void ScoreTile(const float* rows, size_t stride, int first_row, const UserGroup& group, Receiver receiver) {
  constexpr int kSums = kRows * kVectors;
  Float8 sums[kSums];
#pragma GCC unroll 16
  for (int s = 0; s < kSums; ++s) sums[s] = Broadcast(0.0F);
  const float* users = group.vectors.data();
  for (size_t i = 0; i < stride; ++i, users += 8 * kVectors) {
#pragma GCC unroll 16
    for (int s = 0; s < kSums; ++s)
      sums[s] = MultiplyAdd(Broadcast(rows[static_cast<size_t>(s / kVectors) * stride + i]),
                            Load(users + s % kVectors * 8), sums[s]);
  }
  Float8 hits = _mm256_setzero_ps();
#pragma GCC unroll 16
  for (int s = 0; s < kSums; ++s)
    hits = _mm256_or_ps(hits, _mm256_cmp_ps(sums[s], Load(group.thresholds + s % kVectors * 8), _CMP_GE_OQ));
  if (_mm256_movemask_ps(hits) == 0) [[likely]] return;
  alignas(32) float scores[kSums * 8];
#pragma GCC unroll 16
  for (int s = 0; s < kSums; ++s) Store(scores + s * 8, sums[s]);
  OfferTile(scores, kRows, group, first_row, receiver);
}

/// Rows [first, end) with 8 kVectors users. kRows * kVectors sums and what feeds them should fit 16 registers.
template <int kRows, int kVectors, class Receiver>
void ScoreTiles(const float* factors, size_t stride, int first, int end, const UserGroup& group, Receiver receiver) {
  const float* rows = factors + static_cast<size_t>(first) * stride;
  int row = first;
  for (; row + kRows <= end; row += kRows, rows += kRows * stride)
    ScoreTile<kRows, kVectors>(rows, stride, row, group, receiver);
  for (; row < end; ++row, rows += stride) ScoreTile<1, kVectors>(rows, stride, row, group, receiver);
}

template <class Receiver>
void ScoreGroup(const float* factors, size_t stride, int first, int end, const UserGroup& group, Receiver receiver) {
  if (group.lanes == 16) {
    ScoreTiles<6, 2>(factors, stride, first, end, group, receiver);
  } else {
    ScoreTiles<8, 1>(factors, stride, first, end, group, receiver);
  }
}

/// The sums of eight vectors, one in each lane.
inline Float8 SumEach(const Float8 (&x)[8]) {
  const Float8 low = _mm256_hadd_ps(_mm256_hadd_ps(x[0], x[1]), _mm256_hadd_ps(x[2], x[3]));
  const Float8 high = _mm256_hadd_ps(_mm256_hadd_ps(x[4], x[5]), _mm256_hadd_ps(x[6], x[7]));
  return _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31));
}

/// Rows [first, first + 8) with one user, whose vector's dimensions are the lanes.
inline Float8 ScoreEightRows(const float* rows, size_t stride, const float* user) {
  Float8 sums[8];
  for (Float8& sum : sums) sum = Broadcast(0.0F);
  for (size_t c = 0; c < stride; c += 8) {
    const Float8 part = Load(user + c);
#pragma GCC unroll 8
    for (size_t r = 0; r < 8; ++r) sums[r] = MultiplyAdd(Load(rows + r * stride + c), part, sums[r]);
  }
  return SumEach(sums);
}

/// Rows [first, end) with one user.
template <class Receiver>
void ScoreOne(const float* factors, size_t stride, int first, int end, const float* user, float threshold,
              Receiver receiver) {
  const float* rows = factors + static_cast<size_t>(first) * stride;
  int row = first;
  for (; row + 8 <= end; row += 8, rows += 8 * stride) {
    const Float8 scores = ScoreEightRows(rows, stride, user);
    auto hits = static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(scores, Broadcast(threshold), _CMP_GE_OQ)));
    if (hits == 0) [[likely]] continue;
    alignas(32) float each[8];
    for (Store(each, scores); hits != 0; hits &= hits - 1) {
      const int lane = std::countr_zero(hits);
      receiver.Offer(size_t{0}, row + lane, each[lane]);
    }
  }
  for (; row < end; ++row, rows += stride) {
    Float8 sum = Broadcast(0.0F);
    for (size_t c = 0; c < stride; c += 8) sum = MultiplyAdd(Load(rows + c), Load(user + c), sum);
    if (const float score = Sum(sum); score >= threshold) receiver.Offer(size_t{0}, row, score);
  }
}

}  // namespace catwalk::models
