#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/serde.h"
#include "models/demand.h"
#include "models/design_statistics.h"
#include "models/fit.h"
#include "models/neighbours.h"

namespace catwalk::operators {

/// What is known of a design; its key in the store is its id. The factor is solved from it and never stored.
struct DesignState {
  models::DesignStatistics statistics;
  models::Demand demand;
  models::DesignFit fit;
  int64_t next_offset = 0;  // after the last update applied; the state is a function of the records below it
  bool operator==(const DesignState&) const = default;
};

/// What was touched before a design; its key in the store is the design's id.
struct NeighbourState {
  models::NeighbourRow row;
  double weight = 0;        // of all visits ever, undecayed
  int64_t next_offset = 0;
  bool operator==(const NeighbourState&) const = default;
};

/// Compact little-endian forms with a format version in the first byte: 2.3 KB for a design at k = 32 and 12 bytes a profile group,
/// 18 bytes a neighbour. A version of another program is kIncompatible, anything else that does not fit kCorruption.
class DesignStateSerde final : public Serde<DesignState> {
 public:
  void Encode(const DesignState& value, std::string* out) const override;
  Status Decode(std::string_view bytes, DesignState* value) const override;
};

class NeighbourStateSerde final : public Serde<NeighbourState> {
 public:
  void Encode(const NeighbourState& value, std::string* out) const override;
  Status Decode(std::string_view bytes, NeighbourState* value) const override;
};

}  // namespace catwalk::operators
