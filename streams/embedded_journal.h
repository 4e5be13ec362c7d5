#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "state/database.h"
#include "streams/embedded_batch.h"
#include "streams/embedded_cache.h"
#include "streams/embedded_chunk.h"
#include "streams/embedded_groups.h"
#include "streams/embedded_topics.h"

namespace catwalk::streams {

/// Somebody who waits for records: one thread waits, any thread signals.
class Wakeup {
 public:
  /// Forgets signals that have come; then look, then Wait.
  void Reset();
  void Signal();
  /// True if a signal has come since Reset, before `deadline`.
  bool WaitUntil(std::chrono::steady_clock::time_point deadline);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool signalled_ = false;
};

/// The records of an embedded log: where they are written, read, waited for. Offsets are allotted under the lock that
/// writes. Everything the log makes works on this; safe to call from any thread.
class EmbeddedJournal {
 public:
  /// Finds the ends of all partitions. Writes nothing.
  static Result<std::unique_ptr<EmbeddedJournal>> Open(state::Database& database, const Clock& clock,
                                                       size_t cache_bytes);

  EmbeddedTopics& topics() { return *topics_; }
  EmbeddedGroups& groups() { return groups_; }
  const Clock& clock() const { return clock_; }
  state::Database& database() { return database_; }
  uint32_t chunk_store() const { return chunk_store_; }
  uint32_t checkpoint_store() const { return checkpoint_store_; }

  /// Writes `batch` and what is in `rows` at once; then `batch` is empty. After an error nothing is written and `batch`
  /// is as it was, but `rows` is spoilt.
  Status Write(EmbeddedBatch& batch, state::WriteBatch& rows);
  /// Bytes of a topic that some group reads and has not committed yet; 0 if nobody reads it.
  uint64_t BacklogOf(EmbeddedTopic& topic) const;
  /// Returns when everything written before is on disk. Calls at the same time share one write. kTimeout.
  Status Sync(std::chrono::milliseconds timeout);

  /// Appends about `max_bytes` of chunks (at least one, if there is one), the first of them holding `offset` or else
  /// the next there is. `at_chunk_start`: the offset is where a chunk ends and the next may begin, which saves a look.
  Status Read(const EmbeddedTopic& topic, int32_t partition, int64_t offset, bool at_chunk_start, size_t max_bytes,
              std::deque<EmbeddedChunk::Ptr>* out) const;

  /// From now on `wakeup` is signalled when records are added to the partition.
  void Subscribe(EmbeddedPartition& partition, Wakeup* wakeup);
  void Unsubscribe(EmbeddedPartition& partition, Wakeup* wakeup);

  /// Makes readers forget what clean-up has rewritten or deleted below `offset`.
  void Forget(const EmbeddedTopic& topic, int32_t partition, int64_t offset);

 private:
  EmbeddedJournal(state::Database& database, const Clock& clock, size_t cache_bytes)
      : database_(database), clock_(clock), cache_(database, cache_bytes) {}

  Status OpenStores();
  Status RecoverEnds();
  Status RecoverPartition(EmbeddedTopic& topic, int32_t partition);
  void Place(const EmbeddedBatch& batch, state::WriteBatch& rows) const;
  void Publish(EmbeddedBatch& batch);
  void Publish(EmbeddedBatch::Partition& written);
  void Wake(const EmbeddedPartition& partition);
  Status SyncForAll(std::unique_lock<std::mutex>& lock);
  Status ReadHolder(const EmbeddedTopic& topic, int32_t partition, int64_t offset,
                    std::deque<EmbeddedChunk::Ptr>* out) const;

  state::Database& database_;
  const Clock& clock_;
  uint32_t chunk_store_ = 0;
  uint32_t checkpoint_store_ = 0;
  std::unique_ptr<EmbeddedTopics> topics_;
  EmbeddedGroups groups_;
  EmbeddedCache cache_;

  mutable std::mutex append_mutex_;
  std::mutex wakeup_mutex_;
  std::atomic<uint64_t> writes_{0};  // so far; names what a Sync must cover

  std::mutex sync_mutex_;
  std::condition_variable synced_changed_;
  uint64_t synced_ = 0;   // writes on disk
  bool syncing_ = false;  // one Sync writes for all who wait
};

}  // namespace catwalk::streams
