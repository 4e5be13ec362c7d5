#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_sources.h"

namespace catwalk::streams {

/// Takes messages off a consumer's queue, a chunk at a time, copies those that are wanted into one arena per chunk, and
/// moves the positions of their sources on. Polling also serves the client's callbacks. One thread; must go before the
/// client does.
class KafkaFetcher {
 public:
  explicit KafkaFetcher(rd_kafka_t* consumer);
  ~KafkaFetcher();
  KafkaFetcher(const KafkaFetcher&) = delete;
  KafkaFetcher& operator=(const KafkaFetcher&) = delete;

  /// Waits up to `max_wait` for a record or a new end, then takes what there is: at most about `max_bytes` and
  /// `max_records`.
  /// Errors: fatal ones of the client; kNotFound (retryable) for a topic that is not there; kCorruption for what cannot
  /// be read. What was read before the error is in `out` all the same.
  Status Poll(std::chrono::milliseconds max_wait, size_t max_bytes, size_t max_records, KafkaSources* sources,
              std::vector<schemas::Record>* out);

  /// Serves the client's callbacks where records are not wanted now: those that come are kept for the next Poll.
  void ServeCallbacks();
  /// Drops what was kept of a source that has been sought: it would be taken for what comes after that.
  void Forget(const std::string& topic, int32_t partition);

  rd_kafka_queue_t* queue() const { return queue_.get(); }

 private:
  struct Wanted {
    const rd_kafka_message_t* message;
    size_t topic;
  };

  Status WaitForNews(std::chrono::milliseconds max_wait, size_t limit, KafkaSources* sources, size_t* count);
  size_t Take(std::chrono::milliseconds max_wait, size_t limit);
  Status Sort(size_t count, KafkaSources* sources);
  Status NoteError(const rd_kafka_message_t& message, KafkaSource* source);
  size_t Copy(const KafkaSources& sources, std::vector<schemas::Record>* out) const;
  void Release(size_t count);

  rd_kafka_t* const consumer_;
  const QueuePtr queue_;
  std::vector<rd_kafka_message_t*> messages_;
  std::deque<rd_kafka_message_t*> kept_;  // taken off the queue by ServeCallbacks
  std::vector<Wanted> wanted_;
  bool news_ = false;         // the last chunk has moved a position
  size_t mean_bytes_ = 1024;  // of the records of the last chunk, to keep to max_bytes
};

}  // namespace catwalk::streams
