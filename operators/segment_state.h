#pragma once

#include <cstdint>

#include "base/serde.h"
#include "models/segments.h"

namespace catwalk::operators {

/// What the model task has learned of whose tastes are alike.
struct LearnedSegments {
  models::SegmentState state;
  int64_t next_offset = 0;   // of model-updates; the state is a function of the records below it
  bool operator==(const LearnedSegments&) const = default;
};

/// Little endian with a format version in front. Another version, or another number of segments, is kIncompatible; anything else that
/// does not fit kCorruption.
class LearnedSegmentsSerde final : public Serde<LearnedSegments> {
 public:
  void Encode(const LearnedSegments& value, std::string* out) const override;
  Status Decode(std::string_view bytes, LearnedSegments* value) const override;
};

}  // namespace catwalk::operators
