#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"
#include "schemas/violation.h"

namespace catwalk::apps {

/// What one line (one row, one dead letter) of an input holds: records to send, or the rule it breaks.
struct InputLine {
  uint64_t number = 0;
  std::vector<schemas::OutgoingRecord> records;
  std::optional<schemas::Violation> violation;
};

/// How far an input is, in bytes as they lie on the disk, or in records of a topic. `total` 0: not known.
struct InputProgress {
  uint64_t done = 0;
  uint64_t total = 0;
};

/// Where replay and lint take events from. One thread.
class EventInput {
 public:
  virtual ~EventInput() = default;
  /// Replaces `line` by the next one; false at the end. A bad line is no error.
  virtual Result<bool> Next(InputLine* line) = 0;
  /// True if Next would have to wait for more to be written to a pipe.
  virtual bool MayBlock() const = 0;
  virtual InputProgress Progress() const = 0;
};

}  // namespace catwalk::apps
