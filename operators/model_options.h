#pragma once

#include <cstddef>
#include <cstdint>

#include "models/blend.h"
#include "models/fit.h"
#include "models/segments.h"
#include "schemas/codec.h"

namespace catwalk::operators {

/// What the model sub-topology can be told.
struct ModelOptions {
  models::BlendOptions blend;
  models::SegmentOptions segments;
  models::FitOptions fit;
  /// How long after its end, in event time, a window still takes events. In milliseconds, >= 0. Default: 7 days.
  int64_t grace_ms = 7LL * 86'400'000;
  /// Designs named by a trend. Default: 20.
  size_t top = 20;
  /// How trends are encoded. Default: Protobuf.
  schemas::Encoding encoding = schemas::Encoding::kProtobuf;
  /// The schema id for Confluent framing. Default: 0.
  int32_t schema_id = 0;
};

}  // namespace catwalk::operators
