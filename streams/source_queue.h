#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "schemas/record.h"

namespace catwalk::streams {

/// The records of one source (one partition of one topic) that have been read and not yet processed.
class SourceQueue {
 public:
  explicit SourceQueue(schemas::TopicPartition source) : source_(std::move(source)) {}

  const schemas::TopicPartition& source() const { return source_; }

  void Push(schemas::Record record, int64_t event_time_ms) {
    bytes_ += SizeOf(record);
    entries_.push_back({std::move(record), event_time_ms});
  }
  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  int64_t bytes() const { return bytes_; }
  int64_t head_event_time_ms() const { return entries_.front().event_time_ms; }
  schemas::Record Pop() {
    schemas::Record record = std::move(entries_.front().record);
    entries_.pop_front();
    bytes_ -= SizeOf(record);
    return record;
  }
  void Clear() {
    entries_.clear();
    bytes_ = 0;
  }

  bool paused = false;  // told the transport to pause it

 private:
  struct Entry {
    schemas::Record record;
    int64_t event_time_ms;
  };
  static int64_t SizeOf(const schemas::Record& record) {
    return static_cast<int64_t>(record.key.size() + record.value.size() + sizeof(Entry));
  }

  schemas::TopicPartition source_;
  std::deque<Entry> entries_;
  int64_t bytes_ = 0;
};

}  // namespace catwalk::streams
