#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "schemas/record.h"
#include "schemas/topics.h"

namespace catwalk::chaos {

/// A record as it stands in a topic.
struct StoredRecord {
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::string key, value;
  bool tombstone = false;
  std::vector<schemas::Header> headers;
};

using Partition = std::vector<StoredRecord>;  // by offset
/// All that is committed, by topic and partition number.
using TopicContents = std::map<schemas::Topic, std::vector<Partition>>;

int32_t PartitionsOf(schemas::Topic topic, int32_t partitions);

/// By a consumer of its own, at read_committed. Throws what goes wrong, and after a minute.
TopicContents ReadKafka(const std::string& bootstrap, const schemas::TopicNames& names, int32_t partitions);
/// Of a folder that no process has open. By the log's own reader: its rows have no other.
TopicContents ReadEmbedded(const std::string& folder, const schemas::TopicNames& names, int32_t partitions);

/// What a group has committed on Kafka; partitions without a commit are absent.
std::map<schemas::TopicPartition, int64_t> CommittedOnKafka(const std::string& bootstrap, const std::string& group,
                                                           const std::vector<std::string>& topics, int32_t partitions);

}  // namespace catwalk::chaos
