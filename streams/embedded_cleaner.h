#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/status.h"
#include "state/write_batch.h"
#include "streams/embedded_journal.h"

namespace catwalk::streams {

/// Takes from an embedded log what its topics need not keep: old records of topics with retention, records of compacted
/// topics that a later one of their key stands in for. Never what a group that reads the topic has not committed, and
/// no offset moves: a chunk stays where it is, with fewer records, and the last one of a partition stays even if it is
/// empty, for it says where the partition ends. Ages count from the append, by the log's clock, so history that was
/// replayed is not old at once. One thread at a time.
class EmbeddedCleaner {
 public:
  /// `max_partition_bytes` bounds partitions of topics with retention; 0: no bound.
  EmbeddedCleaner(EmbeddedJournal& journal, uint64_t max_partition_bytes)
      : journal_(journal), max_partition_bytes_(max_partition_bytes) {}

  /// Cleans every topic once: retention always, compaction where as much was appended as was left the last time, or
  /// a day has passed. Goes on with the next partition after an error; returns the first.
  Status Run();

 private:
  /// What of a partition may be cleaned: the chunks up to both bounds.
  struct Section {
    EmbeddedTopic& topic;
    int32_t partition;
    int64_t end_offset;
    int64_t appended_until_ms;
  };
  struct Compacted {
    int64_t at_ms = 0;
    uint64_t appended = 0;  // to the partition when it was compacted
    uint64_t kept = 0;      // bytes that were left of that
  };
  using LastOffsets = std::unordered_map<std::string, int64_t>;  // by key

  Status Clean(EmbeddedTopic& topic, int32_t partition);

  Status Retain(const Section& section);
  bool Superfluous(const EmbeddedTopic& topic, const ChunkHeader& header, size_t row_bytes, uint64_t appended) const;
  Status DeleteUpTo(const Section& section, const std::string& last_key, int64_t begin);
  Status AppendEmptied(const Section& section, const std::string& key, state::WriteBatch* batch) const;

  bool CompactionDue(const EmbeddedTopic& topic, int32_t partition) const;
  Status Compact(const Section& section);
  Result<LastOffsets> FindLast(const Section& section) const;
  /// Writes once, a few MiB. Returns where to go on, -1: at the end. Oldest first, so that a value never outlives its
  /// tombstone.
  Result<int64_t> CompactFrom(const Section& section, int64_t from, const LastOffsets& last, uint64_t* kept);
  Status CompactChunk(const Section& section, const EmbeddedChunk& chunk, const LastOffsets& last,
                      state::WriteBatch* batch, uint64_t* kept) const;

  /// Visits the section's rows from `from` on, oldest first, until `visit` returns false.
  using VisitRow = std::function<bool(std::string_view key, std::string_view row, const ChunkHeader& header)>;
  Status VisitRows(const Section& section, int64_t from, const VisitRow& visit) const;
  /// Likewise, checked. `visit` may end it by an error.
  using VisitChunk = std::function<Result<bool>(const EmbeddedChunk& chunk)>;
  Status VisitChunks(const Section& section, int64_t from, const VisitChunk& visit) const;

  EmbeddedJournal& journal_;
  const uint64_t max_partition_bytes_;
  std::map<std::pair<uint32_t, int32_t>, Compacted> compacted_;  // by topic id and partition
};

}  // namespace catwalk::streams
