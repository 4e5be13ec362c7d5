#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"
#include "streams/kafka_admin.h"
#include "streams/kafka_fetcher.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"
#include "streams/kafka_sources.h"
#include "streams/log.h"

namespace catwalk::streams {

/// Reads partitions that are assigned by hand, at read_committed; joins no group and commits nothing. `admin` must
/// outlive it.
class KafkaReader final : public LogReader {
 public:
  static Result<std::unique_ptr<LogReader>> Open(const KafkaOptions& options, KafkaAdmin& admin);
  ~KafkaReader() override;

  Status Assign(const Offsets& from) override;
  Status Poll(std::chrono::milliseconds max_wait, size_t max_bytes, std::vector<schemas::Record>* out) override;
  int64_t Position(const schemas::TopicPartition& partition) const override;

 private:
  KafkaReader(ClientPtr consumer, KafkaAdmin& admin);

  KafkaAdmin& admin_;
  ClientPtr consumer_;
  KafkaFetcher fetcher_;
  KafkaSources sources_;
};

}  // namespace catwalk::streams
