#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/aligned.h"
#include "models/lanes.h"
#include "models/selection.h"

namespace catwalk::models {

/// The rows that one signal speaks for most. Scratch is inside: one thread, no allocation per call once it has grown.
class BestOffers {
 public:
  explicit BestOffers(size_t count) : count_(count) {}

  /// Of `rows` with these scores the best `count` that `may_be_taken(row)`, in no order; of equal scores those in front. It is asked of few
  /// others. `scores` is a padded column (models/columns.h), -infinity behind the rows and where a row is not offered. Valid until the next
  /// call.
  template <class MayBeTaken>
  std::span<const int32_t> Choose(std::span<const int32_t> rows, const AlignedVector<float>& scores, MayBeTaken may_be_taken) {
    size_t asked = 0;
    do {
      asked = std::min(std::max(2 * asked, count_ + count_ / 4), rows.size());
      const float least = asked < rows.size() ? ReachedBy(asked, 2 * asked, scores, rows.size()) : kLowest;
      Ask(rows, scores, std::max(least, kLowest), may_be_taken);
    } while (chosen_.size() < count_ && asked < rows.size());
    if (chosen_.size() > count_) DropWorst();
    return chosen_;
  }

 private:
  static constexpr float kLowest = std::numeric_limits<float>::lowest();

  /// Chooses all that have a better score than `least` and may be taken, and of those that have just that the first, as many as may be wanted.
  template <class MayBeTaken>
  void Ask(std::span<const int32_t> rows, const AlignedVector<float>& scores, float least, MayBeTaken may_be_taken) {
    chosen_.clear();
    scores_.clear();
    size_t equal = 0;
    for (size_t first = 0; first < rows.size(); first += 8) {
      for (uint32_t left = ReachingBits(Load(&scores[first]), Broadcast(least)); left != 0; left &= left - 1) {
        const size_t at = first + static_cast<size_t>(std::countr_zero(left));
        if (scores[at] < least || !may_be_taken(rows[at])) continue;
        chosen_.push_back(rows[at]);
        scores_.push_back(scores[at]);
        if (scores[at] == least && ++equal == count_) least = std::nextafter(least, std::numeric_limits<float>::infinity());
      }
    }
  }

  void DropWorst();

  size_t count_;
  std::vector<int32_t> chosen_;
  AlignedVector<float> scores_;    // of the chosen ones
  std::vector<int32_t> places_;    // of the best among them
};

}  // namespace catwalk::models
