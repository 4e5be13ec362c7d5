#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "schemas/record.h"
#include "streams/embedded_chunk.h"
#include "streams/embedded_topics.h"

namespace catwalk::streams {

/// Records gathered to be written together, encoded into chunks by partition. Keeps what it looked up, so one that is
/// used again costs one look-up per record. One thread.
class EmbeddedBatch {
 public:
  EmbeddedBatch(const EmbeddedTopics& topics, const Clock& clock) : topics_(topics), clock_(clock) {}

  /// Errors: kNotFound (no such topic), kInvalidArgument (no such partition); then the record is not in.
  Status Add(const schemas::OutgoingRecord& record);
  void Clear();
  bool empty() const { return touched_.empty(); }

  struct Partition {
    EmbeddedTopic* topic = nullptr;
    int32_t number = 0;
    std::vector<ChunkBuilder> chunks;
  };
  /// The partitions that have records, in the order of their first.
  const std::vector<Partition*>& touched() const { return touched_; }

 private:
  Result<std::vector<Partition>*> PartitionsOf(const std::string& topic);

  const EmbeddedTopics& topics_;
  const Clock& clock_;
  std::unordered_map<std::string, std::vector<Partition>> partitions_;  // by topic
  std::vector<Partition*> touched_;
};

}  // namespace catwalk::streams
