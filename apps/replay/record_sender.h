#pragma once

#include <vector>

#include "base/status.h"
#include "schemas/record.h"

namespace catwalk::apps {

/// Where replay's records go. One thread.
class RecordSender {
 public:
  virtual ~RecordSender() = default;
  /// Sends the records in order, waiting while the other side is busy. kTimeout if it stays busy without any progress.
  virtual Status Send(std::vector<schemas::OutgoingRecord> records) = 0;
  /// Returns when everything sent is durable.
  virtual Status Finish() = 0;
};

}  // namespace catwalk::apps
