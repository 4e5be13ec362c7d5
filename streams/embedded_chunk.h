#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"

namespace catwalk::streams {

/// A chunk is closed when it holds this many bytes; a larger record has one to itself.
inline constexpr size_t kChunkBytes = 256 * 1024;

/// The key of a chunk row: topic id, partition and the chunk's first offset, big endian, so that rows order as offsets.
std::string ChunkKey(uint32_t topic_id, int32_t partition, int64_t base_offset);
int64_t BaseOffsetOfKey(std::string_view chunk_key);

/// The first bytes of a chunk row. Only the lock that writes knows the fields that place it.
struct ChunkHeader {
  int64_t appended_at_ms = 0;     // by the log's clock; retention and compaction count from here
  uint64_t bytes_before = 0;      // ever appended to the partition before this chunk
  int64_t base_timestamp_ms = 0;
  uint32_t offsets = 0;           // how many it spans; never changes, so chunks never overlap or move
  uint32_t count = 0;             // records still in it; compaction drops some

  /// Without the checksum being looked at. False if the bytes are no chunk of this format.
  static bool Read(std::string_view row, ChunkHeader* header);
};

/// Records of one partition on their way in, encoded as they come. One thread.
class ChunkBuilder {
 public:
  ChunkBuilder();

  /// `timestamp_ms` stands in for the record's own.
  void Add(const schemas::OutgoingRecord& record, int64_t timestamp_ms);
  uint32_t count() const { return header_.count; }
  size_t bytes() const { return row_.size(); }

  /// Writes header and checksum for the place the chunk gets. May be called again, for another place.
  void Seal(std::string_view chunk_key, int64_t appended_at_ms, uint64_t bytes_before);
  /// The sealed row.
  const std::string& row() const { return row_; }
  std::string TakeRow() && { return std::move(row_); }

 private:
  ChunkHeader header_;
  std::string row_;
  uint64_t body_hash_ = 0;
  uint32_t hashed_count_ = 0;  // records the hash covers
};

/// A record inside a chunk; the views live as long as the chunk.
struct ChunkRecord {
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::string_view key;
  std::string_view value;
  bool tombstone = false;
  uint64_t header_count = 0;
  std::string_view header_bytes;  // encoded; see EmbeddedChunk::Headers
  std::string_view encoded;       // all of the record
};

/// A chunk as it is stored: immutable, shared by the cache, the readers and the records handed out (hence shared_ptr).
class EmbeddedChunk {
 public:
  using Ptr = std::shared_ptr<const EmbeddedChunk>;

  /// A row just sealed: not checked again. `topic` is shared so that a record's topic lives as long as its bytes.
  EmbeddedChunk(std::shared_ptr<const std::string> topic, int32_t partition, int64_t base_offset, std::string row);
  /// A row from the store: kCorruption, naming topic, partition and offset, if its checksum does not fit.
  static Result<Ptr> Open(std::shared_ptr<const std::string> topic, int32_t partition, std::string_view chunk_key,
                          std::string_view row);

  const std::string& topic() const { return *topic_; }
  int32_t partition() const { return partition_; }
  int64_t base_offset() const { return base_offset_; }
  /// The offset after the last one it spans.
  int64_t end_offset() const { return base_offset_ + header_.offsets; }
  const ChunkHeader& header() const { return header_; }
  /// What it takes in memory.
  size_t bytes() const { return sizeof(*this) + row_.capacity(); }

  /// Reads the record at `*at` (0: the first) and moves `*at` behind it; false at the end.
  Result<bool> Next(size_t* at, ChunkRecord* record) const;
  static std::vector<schemas::Header> Headers(const ChunkRecord& record);

  /// The row without the records `keep` refuses, its place and span unchanged.
  Result<std::string> Without(std::string_view chunk_key,
                              const std::function<bool(const ChunkRecord& record)>& keep) const;

 private:
  Status Damaged(std::string_view what) const;

  std::shared_ptr<const std::string> topic_;
  int32_t partition_;
  int64_t base_offset_;
  std::string row_;
  ChunkHeader header_;
};

}  // namespace catwalk::streams
