#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/segments.h"

namespace catwalk::models {

/// How quickly demand is forgotten, fastest first: half-lives in events. By events and not by hours, so that a quiet night
/// makes nothing look old and a rush does not drown what came before it.
inline constexpr int kHorizons = 5;
inline constexpr std::array<float, kHorizons> kHorizonEvents{200, 800, 3'200, 16'000, 64'000};

/// The horizon over which segments are told apart: what a group of users wants comes and goes.
inline constexpr int kSegmentHorizon = 1;

/// Weight that came from one group of people ("body_type=petite", by its Hash64).
struct GroupWeight {
  uint64_t group = 0;
  float weight = 0;
  bool operator==(const GroupWeight&) const = default;
};

/// How much a design has been wanted, lately and by whom. Times are readings of the event clock (operators/count_events.h). Value
/// type, part of the design task's state.
struct Demand {
  int64_t first = 0, last = 0;               // of the design's first event, and of its latest
  std::array<float, kHorizons> recent{};     // sum of weights, halved every kHorizonEvents[h] events, as of `last`
  Memberships segments{};                    // the same by segment, over kSegmentHorizon
  std::vector<GroupWeight> groups;           // all weight ever by group, sorted by group; at most 2 * kMaxGroups
  bool operator==(const Demand&) const = default;
};

/// Groups that a design remembers for good. Twice as many fit before the lightest are dropped.
inline constexpr size_t kMaxGroups = 256;

/// Who wanted a design: the keys of the profile groups, ascending or not, and what segments the user belongs to.
struct Wanter {
  std::span<const uint64_t> groups = {};
  Memberships segments{};
};

/// Counts an event of `weight`. One whose clock is before `last` is decayed by its age instead of decaying the sums. Ignores a
/// weight that is not in (0, 1e6].
void Count(int64_t clock, float weight, const Wanter& wanter, Demand* demand);

/// 2^-(events / kHorizonEvents[horizon]) for events >= 0.
float Fading(int horizon, int64_t events);

}  // namespace catwalk::models
