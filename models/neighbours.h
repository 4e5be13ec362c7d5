#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/interaction.h"

namespace catwalk::models {

struct NeighbourOptions {
  /// Half-life of a co-visit in milliseconds. Default: 1,500 days.
  int64_t half_life_ms = 1500LL * 86'400'000;
  /// Neighbours kept. Default: 128.
  int limit = 128;
};

struct Neighbour {
  DesignKey design = 0;
  float weight = 0;      // decayed co-visitation, as of at_ms
  int64_t at_ms = 0;     // of the latest visit, so that an entry stays as it is, bit for bit, until it is visited again
  bool operator==(const Neighbour&) const = default;
};

/// Decayed co-visitation counts of one design: row i counts what the same users touched before i (Linden et al. 2003,
/// forward only). Value type, the state of the design task.
struct NeighbourRow {
  int64_t at_ms = 0;                 // of the latest visit of all
  std::vector<Neighbour> entries;    // by design key; at most 2 * limit
  bool operator==(const NeighbourRow&) const = default;
};

/// A visit that counts for less is not counted.
inline constexpr float kLightestNeighbour = 1e-6F;

/// Counts `recent` (latest first, without repeats; the design itself is skipped), each with weight * 0.8^position. A visit
/// older than an entry's latest is decayed by its age instead of decaying the entry. When the row outgrows 2 * limit, only the
/// `limit` heaviest stay (ties: the smaller key), so that a newcomer has time to gather weight before the next cut. Ignores a
/// weight that is not in (0, 1e6].
void Visit(const NeighbourOptions& options, int64_t at_ms, float weight, DesignKey self, std::span<const DesignKey> recent,
           NeighbourRow* row);

/// The `limit` strongest as of the row's time, strongest first, ties by key.
std::vector<Neighbour> Strongest(const NeighbourOptions& options, const NeighbourRow& row);

}  // namespace catwalk::models
