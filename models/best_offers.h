#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/aligned.h"
#include "models/lanes.h"

namespace catwalk::models {

/// The rows that one signal speaks for most. Scratch is inside: one thread, no allocation per call once it has grown.
class BestOffers {
 public:
  explicit BestOffers(size_t count) : count_(count) {}

  /// Of `rows` with these scores the best `count` that `may_be_taken(row)`, in no order; of equal scores those in front. It is asked of few
  /// others. `scores` is a padded column (models/columns.h), -infinity behind the rows. Valid until the next call.
  template <class MayBeTaken>
  std::span<const int32_t> Choose(std::span<const int32_t> rows, const AlignedVector<float>& scores, MayBeTaken may_be_taken) {
    keys_.clear();
    float least = kNone;  // what the worst of the best so far has, once there are enough
    for (size_t first = 0; first < rows.size(); first += 8) {
      for (uint32_t left = LargerBits(Load(&scores[first]), Broadcast(least)); left != 0; left &= left - 1) {
        const size_t at = first + static_cast<size_t>(std::countr_zero(left));
        if (scores[at] <= least || !may_be_taken(rows[at])) continue;
        keys_.push_back(KeyOf(scores[at], at));
        if (keys_.size() == kRoom * count_) least = DropWorst();
      }
    }
    if (keys_.size() > count_) DropWorst();
    chosen_.clear();
    for (const uint64_t key : keys_) chosen_.push_back(rows[PlaceIn(key)]);
    return chosen_;
  }

 private:
  static constexpr float kNone = -std::numeric_limits<float>::infinity();
  /// Kept until the worst are dropped, for each that is chosen.
  static constexpr size_t kRoom = 4;

  /// A whole number that compares as score and then place do: the best has the largest.
  static uint64_t KeyOf(float score, size_t place) {
    const auto bits = std::bit_cast<uint32_t>(score);
    const uint32_t ordered = (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
    return uint64_t{ordered} << 32 | ~static_cast<uint32_t>(place);
  }
  static size_t PlaceIn(uint64_t key) { return ~static_cast<uint32_t>(key); }
  static float ScoreIn(uint64_t key) {
    const auto ordered = static_cast<uint32_t>(key >> 32);
    return std::bit_cast<float>((ordered >> 31) != 0 ? ordered & 0x7fffffffU : ~ordered);
  }

  /// Keeps the best; returns the least of their scores.
  float DropWorst();

  size_t count_;
  std::vector<uint64_t> keys_;    // of what is kept
  std::vector<int32_t> chosen_;
};

}  // namespace catwalk::models
