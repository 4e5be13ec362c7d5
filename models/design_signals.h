#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/demand.h"
#include "models/features.h"
#include "models/fit.h"
#include "models/interaction.h"
#include "models/lanes.h"

namespace catwalk::models {

/// A design's weight by profile group, for quick look-ups: open addressing, at most two thirds full. Immutable, shared by copies; one
/// step from here to the slots, for ranking looks into hundreds of designs a list.
class GroupWeights {
 public:
  /// Of none.
  GroupWeights() = default;
  explicit GroupWeights(std::span<const GroupWeight> groups)
      : slots_(std::make_shared<GroupWeight[]>(std::bit_ceil(groups.size() + groups.size() / 2 + 1))),
        mask_(std::bit_ceil(groups.size() + groups.size() / 2 + 1) - 1) {
    for (const GroupWeight& entry : groups) slots_[Find(entry.group)] = entry;
  }
  bool empty() const { return slots_ == nullptr; }
  /// Brings what Of needs nearer.
  void Prefetch(uint64_t group) const {
    if (!empty()) models::Prefetch(&slots_[group & mask_]);
  }
  /// 0 for a group that none of the weight came from. Not for an empty one.
  float Of(uint64_t group) const { return slots_[Find(group)].weight; }

 private:
  size_t Find(uint64_t group) const {
    size_t slot = group & mask_;
    while (slots_[slot].group != 0 && slots_[slot].group != group) slot = (slot + 1) & mask_;
    return slot;
  }

  std::shared_ptr<GroupWeight[]> slots_;  // group 0: free (Hash64 is never 0)
  size_t mask_ = 0;
};

/// The designs of a table that users touched together with one of them.
struct LinkedRows {
  struct Entry {
    int32_t row;
    float weight;                // decayed co-visitation, as of at_ms
  };
  int64_t at_ms = 0;
  std::vector<Entry> entries;    // strongest first
};

/// The number of an attribute's value in a table; which value has which number differs between processes.
using ValueNumber = int32_t;
inline constexpr ValueNumber kNoValue = -1;
using AttributeValues = std::array<ValueNumber, kAttributes>;

/// What ranking reads of a design besides factor and catalogue. Null stands for none.
struct DesignSignals {
  DesignSignals() { values.fill(kNoValue); }

  std::array<float, kHorizons> recent{};           // Demand::recent, as of `last`
  Memberships segments{};                          // Demand::segments, as of `last`
  int64_t first = 0, last = 0;                     // event clock
  AttributeValues values;                          // of the catalogue's attributes
  GroupWeights groups;
  std::shared_ptr<const LinkedRows> links;
  std::shared_ptr<const DesignFit> fit;
};

}  // namespace catwalk::models
