#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "state/database.h"
#include "streams/embedded_chunk.h"

namespace catwalk::streams {

/// The newest chunks of all partitions, so that who reads at the end does not go to the database. Of each partition a
/// run without gaps up to its end, or nothing. Safe to call from any thread.
class EmbeddedCache {
 public:
  /// Keeps about `max_bytes`, of these what `database` gives caches; 0 keeps nothing.
  EmbeddedCache(const state::Database& database, size_t max_bytes) : database_(database), max_bytes_(max_bytes) {}

  /// Adds the newest chunk of a partition.
  void Add(uint32_t topic_id, EmbeddedChunk::Ptr chunk);
  /// Appends chunks from the one that holds `offset` on, until `max_bytes` are reached. False if that one is not here.
  bool Find(uint32_t topic_id, int32_t partition, int64_t offset, size_t max_bytes,
            std::deque<EmbeddedChunk::Ptr>* out) const;
  /// Forgets the partition's chunks below `offset`.
  void Forget(uint32_t topic_id, int32_t partition, int64_t offset);

 private:
  using Place = std::pair<uint32_t, int32_t>;  // topic id, partition
  using Chunks = std::deque<EmbeddedChunk::Ptr>;
  void Evict();
  void DropFront(Chunks& chunks);

  const state::Database& database_;
  const size_t max_bytes_;
  mutable std::mutex mutex_;
  size_t bytes_ = 0;
  std::map<Place, Chunks> chunks_;
  std::deque<std::pair<Place, int64_t>> order_;  // by age, with base offsets
};

}  // namespace catwalk::streams
