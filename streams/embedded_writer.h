#pragma once

#include <cstdint>

#include "streams/embedded_journal.h"
#include "streams/log.h"

namespace catwalk::streams {

/// Appends to an embedded log, at once: nothing is kept back, so a record is visible when Append returns and survives
/// the death of the process; Sync makes it survive a power cut. All records of a call appear together. See LogWriter.
class EmbeddedWriter final : public LogWriter {
 public:
  EmbeddedWriter(EmbeddedJournal& journal, uint64_t max_backlog_bytes)
      : journal_(journal), max_backlog_bytes_(max_backlog_bytes) {}

  /// kBackpressure (retryable) if a topic named has a backlog above the limit already. Other errors: kNotFound (no such
  /// topic), kInvalidArgument (no such partition), kNoSpace (retryable). After any of them nothing is taken.
  Status Append(std::vector<schemas::OutgoingRecord> records) override;
  Status Sync(std::chrono::milliseconds timeout) override;

 private:
  Status CheckBacklog(const EmbeddedBatch& batch) const;

  EmbeddedJournal& journal_;
  const uint64_t max_backlog_bytes_;
};

}  // namespace catwalk::streams
