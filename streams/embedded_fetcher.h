#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"
#include "streams/embedded_chunk.h"
#include "streams/embedded_journal.h"
#include "streams/embedded_topics.h"

namespace catwalk::streams {

/// Reads a set of partitions in turns, each from a position of its own, and waits for more. The part that readers and
/// transports have in common. One thread.
class EmbeddedFetcher {
 public:
  explicit EmbeddedFetcher(EmbeddedJournal& journal) : journal_(journal) {}
  ~EmbeddedFetcher();
  EmbeddedFetcher(const EmbeddedFetcher&) = delete;
  EmbeddedFetcher& operator=(const EmbeddedFetcher&) = delete;

  /// Reads a partition from `offset` (at least its beginning) on, unpaused; starts it over if it is read already.
  void Start(EmbeddedTopic& topic, int32_t partition, int64_t offset);
  /// Stops reading anything.
  void Clear();
  /// False if the partition is not being read.
  bool SetPaused(const schemas::TopicPartition& partition, bool paused);
  /// The next offset Poll would hand out; -1 if the partition is not being read.
  int64_t Position(const schemas::TopicPartition& partition) const;

  /// Waits up to `max_wait` until there is something, then appends about `max_bytes` at most, at least one record.
  Status Poll(std::chrono::milliseconds max_wait, size_t max_bytes, std::vector<schemas::Record>* out);

 private:
  struct Source {
    EmbeddedTopic* topic = nullptr;
    int32_t partition = 0;
    int64_t position = 0;
    bool paused = false;
    bool at_chunk_start = false;              // position is where a chunk has ended
    std::deque<EmbeddedChunk::Ptr> chunks;    // read ahead; the first is being handed out
    size_t at = 0;                            // bytes of its records handed out
  };

  /// Null if the partition is not being read.
  Source* Find(const schemas::TopicPartition& partition) const;
  Status Take(size_t max_bytes, std::vector<schemas::Record>* out);
  /// Appends up to `max_bytes` and adds what it was to `*taken`.
  Status TakeFrom(Source& source, size_t max_bytes, size_t* taken, std::vector<schemas::Record>* out);
  /// Takes the next record of the chunks at hand; false if there is none.
  Result<bool> Next(Source& source, ChunkRecord* record);

  EmbeddedJournal& journal_;
  Wakeup wakeup_;
  std::vector<std::unique_ptr<Source>> sources_;
  size_t turn_ = 0;  // the source that is first next time
};

}  // namespace catwalk::streams
