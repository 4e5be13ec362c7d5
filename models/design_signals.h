#pragma once

#include <algorithm>
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

/// The number of a profile group in a table; which group has which number differs between processes.
using GroupNumber = uint32_t;

/// A design's weight by profile group, for quick look-ups: ranking makes thousands for a list. A bit for each of 256 groups in a row, where any
/// is there, and the weights of those whose bit is set, in their order (as in hash array mapped tries: Bagwell 2001). The hundred groups that
/// most installations have are one block, and of a million there are blocks for those that the design has. A view: GroupWeights owns.
class GroupLookup {
 public:
  /// Brings nearer what Find needs.
  void Prefetch() const { models::Prefetch(blocks_.data()); }
  /// Where a group's weight is: a 0 for a group that none of the weight came from. Does not read the weight itself.
  const float* Find(GroupNumber group) const {
    const GroupNumber number = group / kGroups;
    const auto block = blocks_.size() == 1 ? blocks_.begin() : std::ranges::lower_bound(blocks_, number, {}, &Block::number);
    if (block == blocks_.end() || block->number != number) return &kNothing;
    const size_t word = group % kGroups / 64;
    const uint64_t bit = uint64_t{1} << (group % 64), present = block->present[word];
    const float* const weight = weights_ + block->first[word] + std::popcount(present & (bit - 1));
    return (present & bit) != 0 ? weight : &kNothing;
  }

 private:
  friend class GroupWeights;
  static constexpr GroupNumber kGroups = 256;
  struct Block {
    std::array<uint64_t, kGroups / 64> present{};   // a bit per group
    std::array<uint32_t, kGroups / 64> first{};     // where the weights of each 64 begin
    GroupNumber number = 0;                         // of its first group, divided by kGroups
  };

  static constexpr float kNothing = 0;

  std::span<const Block> blocks_;      // ascending
  const float* weights_ = nullptr;
};

/// Immutable, shared by copies.
class GroupWeights {
 public:
  struct Entry {
    GroupNumber group;
    float weight;
  };

  /// Of none.
  GroupWeights() = default;
  /// `entries`: ascending by group, each once.
  explicit GroupWeights(std::span<const Entry> entries);

  /// Valid as long as any copy.
  const GroupLookup& lookup() const { return lookup_; }

 private:
  std::shared_ptr<std::byte[]> memory_;
  GroupLookup lookup_;
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
