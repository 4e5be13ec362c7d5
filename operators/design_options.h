#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "models/design_statistics.h"
#include "models/neighbours.h"

namespace catwalk::operators {

/// When what is known of a design is published again. What is published is a function of its state alone, so these
/// change how fresh the global tables are and nothing else.
struct DesignPaceOptions {
  /// When the design's weight has grown by this share since it was last published. > 0. Default: 2 %.
  double growth = 0.02;
  /// At the latest so many records of the task after its first unpublished change. > 0. Default: 1,000.
  int64_t max_records = 1'000;
  /// Also when the input idles. Default: true.
  bool when_idle = true;
};

/// What the design sub-topology can be told.
struct DesignOptions {
  models::DesignSolveOptions solve;
  models::NeighbourOptions neighbours;
  DesignPaceOptions factor_pace;
  /// Neighbours move slowly and their records are long. Default: 10 % growth, or when the input idles.
  DesignPaceOptions neighbour_pace{0.10, std::numeric_limits<int64_t>::max()};
  /// Decoded designs kept in memory per store and task, in entries and in encoded bytes. Default: 50,000 and 64 MiB.
  size_t cache_entries = 50'000;
  uint64_t cache_bytes = 64ULL << 20;
};

}  // namespace catwalk::operators
