#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schemas/topics.h"
#include "state/database.h"

namespace catwalk::streams {

class Wakeup;

/// How many bytes of a partition lie behind an offset, to about a MiB: marks by the way, straight lines between them.
class ByteMarks {
 public:
  /// Starts over with two marks: where the partition begins and where it ends.
  void Restore(int64_t begin, uint64_t bytes_at_begin, int64_t end, uint64_t bytes_at_end);
  void Append(int64_t end, uint64_t bytes_at_end);
  /// Bytes from `offset` to the end.
  uint64_t BytesFrom(int64_t offset) const;

 private:
  struct Mark {
    int64_t offset = 0;
    uint64_t bytes = 0;  // appended before this offset
  };
  std::deque<Mark> marks_ = {{}};
  Mark end_;
};

/// One partition as this process sees it. Each field says what guards it.
struct EmbeddedPartition {
  std::atomic<int64_t> begin{0};      // the first offset that may hold a record
  std::atomic<int64_t> end{0};        // after the last record; written under the journal's append lock
  std::atomic<uint64_t> bytes{0};     // ever appended; likewise
  ByteMarks marks;                    // the journal's append lock
  std::vector<Wakeup*> waiting;       // the journal's wake-up lock
};

struct EmbeddedTopic {
  EmbeddedTopic(std::string topic_name, uint32_t topic_id, int32_t count)
      : name(std::make_shared<const std::string>(std::move(topic_name))),
        id(topic_id),
        partitions(static_cast<size_t>(count)) {}

  EmbeddedPartition& at(int32_t partition) { return partitions[static_cast<size_t>(partition)]; }
  int32_t count() const { return static_cast<int32_t>(partitions.size()); }

  const std::shared_ptr<const std::string> name;  // shared with chunks, whose records point to it
  const uint32_t id;
  schemas::Cleanup cleanup = schemas::Cleanup::kDelete;
  int64_t retention_ms = -1;
  int64_t min_compaction_lag_ms = 0;
  std::vector<EmbeddedPartition> partitions;
};

/// The topics of an embedded log; a row each in store "log-topics", by name. Topics are never removed, so the pointers
/// stay valid as long as this does. Safe to call from any thread.
class EmbeddedTopics {
 public:
  /// Reads the rows there are. kIncompatible if one is of another format.
  static Result<std::unique_ptr<EmbeddedTopics>> Open(state::Database& database);

  /// Makes a topic that does not exist. kTopicMismatch if it does with another number of partitions.
  Status Create(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions);
  /// kNotFound, saying how to make it, if it does not exist.
  Result<EmbeddedTopic*> Find(std::string_view name) const;
  std::vector<EmbeddedTopic*> All() const;

  /// Of the store "log-topics". Rows whose key starts with a zero byte are not topics.
  uint32_t store() const { return store_; }

 private:
  EmbeddedTopics(state::Database& database, uint32_t store) : database_(database), store_(store) {}
  Status Load();

  state::Database& database_;
  const uint32_t store_;
  mutable std::mutex mutex_;
  uint32_t next_id_ = 1;
  std::map<std::string, std::unique_ptr<EmbeddedTopic>, std::less<>> topics_;
};

}  // namespace catwalk::streams
