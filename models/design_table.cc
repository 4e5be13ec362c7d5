#include "models/design_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace catwalk::models {

size_t DesignTable::FindSlot(DesignKey key) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = key & mask;
  while (slots_[slot] != kFree && keys_[static_cast<size_t>(slots_[slot])] != key) slot = (slot + 1) & mask;
  return slot;
}

int DesignTable::RowOf(DesignKey key) const { return slots_.empty() ? kFree : slots_[FindSlot(key)]; }

float DesignTable::PopularityAt(int row, int64_t time_ms) const {
  constexpr double kLargest = std::numeric_limits<float>::max();
  const double log = LogPopularity(row) - static_cast<double>(time_ms) * popularity_per_ms_;
  return static_cast<float>(std::min(std::exp2(log), kLargest));
}

}  // namespace catwalk::models
