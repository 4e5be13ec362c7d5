#pragma once

#include "streams/embedded_fetcher.h"
#include "streams/log.h"

namespace catwalk::streams {

/// Reads topics of an embedded log by offset. See LogReader.
class EmbeddedReader final : public LogReader {
 public:
  explicit EmbeddedReader(EmbeddedJournal& journal) : journal_(journal), fetcher_(journal) {}

  /// kNotFound if a topic does not exist, kInvalidArgument if a partition does not; then nothing is read.
  Status Assign(const Offsets& from) override;
  Status Poll(std::chrono::milliseconds max_wait, size_t max_bytes, std::vector<schemas::Record>* out) override;
  int64_t Position(const schemas::TopicPartition& partition) const override;

 private:
  EmbeddedJournal& journal_;
  EmbeddedFetcher fetcher_;
};

}  // namespace catwalk::streams
