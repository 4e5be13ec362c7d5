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

void DesignTable::RowsOf(std::span<const Interaction> history, std::vector<int32_t>* rows) const {
  rows->assign(history.size(), kFree);
  if (slots_.empty()) return;
  const size_t mask = slots_.size() - 1;
  for (const Interaction& interaction : history) Prefetch(&slots_[interaction.design & mask]);
  for (const Interaction& interaction : history)
    if (const int32_t row = slots_[interaction.design & mask]; row != kFree) Prefetch(&keys_[static_cast<size_t>(row)]);
  for (size_t i = 0; i < history.size(); ++i) (*rows)[i] = slots_[FindSlot(history[i].design)];
}

float DesignTable::PopularityAt(int row, int64_t time_ms) const {
  constexpr double kLargest = std::numeric_limits<float>::max();
  const double log = LogPopularity(row) - static_cast<double>(time_ms) * popularity_per_ms_;
  return static_cast<float>(std::min(std::exp2(log), kLargest));
}

}  // namespace catwalk::models
