#pragma once

#include <cstdint>

#include "schemas/internal.pb.h"
#include "schemas/record.h"

namespace catwalk::operators {

inline constexpr int64_t kHourMs = 3'600'000;
inline constexpr int64_t kDayMs = 24 * kHourMs;

/// One record on its way through the model sub-topology. Items are reused from batch to batch.
struct ModelWork {
  const schemas::Record* record = nullptr;
  bool done = false;

  schemas::ModelUpdate update;  // decoded

  void Reset(const schemas::Record& from) {
    record = &from;
    done = false;
  }

  /// Every operator takes its items one after the other.
  uint64_t ConflictKey() const { return 0; }
};

}  // namespace catwalk::operators
