#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace catwalk::schemas {

using Header = std::pair<std::string, std::string>;

/// A record as it came from a topic. The views point into memory that `arena` keeps alive, so a record is cheap
/// to move and to hold; the arena is shared by the records of one poll (hence shared_ptr).
struct Record {
  std::string_view topic;
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;      // as the topic has it (Kafka's CreateTime), not the event's time
  std::string_view key;
  std::string_view value;
  bool tombstone = false;        // no value at all, as opposed to an empty one
  std::vector<Header> headers;   // empty unless the record has some
  std::shared_ptr<const void> arena;
};

/// A record on its way out.
struct OutgoingRecord {
  std::string topic;
  int32_t partition = -1;        // -1: by key, with murmur2
  std::string key;
  std::string value;
  bool tombstone = false;
  int64_t timestamp_ms = 0;      // 0: now, by the transport's clock
  std::vector<Header> headers;
};

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

}  // namespace catwalk::schemas
