#include "streams/embedded_cleaner.h"

#include <algorithm>
#include <limits>

namespace catwalk::streams {
namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr size_t kBatchBytes = 4 << 20;

}  // namespace

Status EmbeddedCleaner::Run() {
  Status first;
  for (EmbeddedTopic* topic : journal_.topics().All()) {
    for (int32_t partition = 0; partition < topic->count(); ++partition) {
      const Status status = Clean(*topic, partition);
      if (first.ok()) first = status;
    }
  }
  return first;
}

Status EmbeddedCleaner::Clean(EmbeddedTopic& topic, int32_t partition) {
  const int64_t end = topic.at(partition).end;
  Section section{topic, partition, end, std::numeric_limits<int64_t>::max()};
  const auto committed = journal_.groups().LowestCommitted(*topic.name, partition);
  if (committed) section.end_offset = std::min(end, *committed);
  if (topic.cleanup == schemas::Cleanup::kDelete) return Retain(section);
  if (!CompactionDue(topic, partition)) return Status::Ok();
  section.appended_until_ms = journal_.clock().NowMs() - topic.min_compaction_lag_ms;
  return Compact(section);
}

Status EmbeddedCleaner::Retain(const Section& section) {
  EmbeddedPartition& state = section.topic.at(section.partition);
  const uint64_t appended = state.bytes;
  int64_t begin = state.begin;
  std::string last_key;
  RETURN_IF_ERROR(VisitRows(section, 0, [&](std::string_view key, std::string_view row, const ChunkHeader& header) {
    if (!Superfluous(section.topic, header, row.size(), appended)) return false;
    last_key = key;
    begin = BaseOffsetOfKey(key) + header.offsets;
    return true;
  }));
  if (begin == state.begin) return Status::Ok();
  return DeleteUpTo(section, last_key, begin);
}

bool EmbeddedCleaner::Superfluous(const EmbeddedTopic& topic, const ChunkHeader& header, size_t row_bytes,
                                  uint64_t appended) const {
  const int64_t age_ms = journal_.clock().NowMs() - header.appended_at_ms;
  if (topic.retention_ms >= 0 && age_ms > topic.retention_ms) return true;
  const uint64_t bytes_behind = appended - header.bytes_before - row_bytes;
  return max_partition_bytes_ > 0 && bytes_behind >= max_partition_bytes_;
}

Status EmbeddedCleaner::DeleteUpTo(const Section& section, const std::string& last_key, int64_t begin) {
  EmbeddedPartition& state = section.topic.at(section.partition);
  state::WriteBatch batch;
  batch.DeleteRange(journal_.chunk_store(), ChunkKey(section.topic.id, section.partition, 0), last_key);
  if (begin == state.end) {
    RETURN_IF_ERROR(AppendEmptied(section, last_key, &batch));
  } else {
    batch.Delete(journal_.chunk_store(), last_key);
  }
  RETURN_IF_ERROR(journal_.database().Write(batch));
  state.begin = begin;
  journal_.Forget(section.topic, section.partition, begin);
  return Status::Ok();
}

Status EmbeddedCleaner::AppendEmptied(const Section& section, const std::string& key, state::WriteBatch* batch) const {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, journal_.database().Store(journal_.chunk_store()).Get(key, &row));
  if (!found) return Status::Ok();
  ASSIGN_OR_RETURN(const auto chunk, EmbeddedChunk::Open(section.topic.name, section.partition, key, row));
  ASSIGN_OR_RETURN(const std::string emptied, chunk->Without(key, [](const ChunkRecord&) { return false; }));
  batch->Put(journal_.chunk_store(), key, emptied);
  return Status::Ok();
}

bool EmbeddedCleaner::CompactionDue(const EmbeddedTopic& topic, int32_t partition) const {
  const auto found = compacted_.find({topic.id, partition});
  if (found == compacted_.end()) return true;
  const Compacted& last = found->second;
  if (journal_.clock().NowMs() - last.at_ms >= kDayMs) return true;
  const uint64_t appended = topic.partitions[static_cast<size_t>(partition)].bytes - last.appended;
  return appended > 0 && appended >= last.kept;
}

Status EmbeddedCleaner::Compact(const Section& section) {
  Compacted done{journal_.clock().NowMs(), section.topic.at(section.partition).bytes, 0};
  ASSIGN_OR_RETURN(const LastOffsets last, FindLast(section));
  for (int64_t next = 0; next >= 0;) {
    ASSIGN_OR_RETURN(next, CompactFrom(section, next, last, &done.kept));
  }
  compacted_[{section.topic.id, section.partition}] = done;
  return Status::Ok();
}

Result<EmbeddedCleaner::LastOffsets> EmbeddedCleaner::FindLast(const Section& section) const {
  LastOffsets last;
  const auto note = [&](const EmbeddedChunk& chunk) -> Result<bool> {
    ChunkRecord record;
    for (size_t at = 0;;) {
      ASSIGN_OR_RETURN(const bool more, chunk.Next(&at, &record));
      if (!more) return true;
      last[std::string(record.key)] = record.offset;
    }
  };
  RETURN_IF_ERROR(VisitChunks(section, 0, note));
  return last;
}

Result<int64_t> EmbeddedCleaner::CompactFrom(const Section& section, int64_t from, const LastOffsets& last,
                                             uint64_t* kept) {
  int64_t next = from;
  state::WriteBatch batch;
  const auto compact = [&](const EmbeddedChunk& chunk) -> Result<bool> {
    RETURN_IF_ERROR(CompactChunk(section, chunk, last, &batch, kept));
    next = chunk.end_offset();
    return batch.bytes() < kBatchBytes;
  };
  RETURN_IF_ERROR(VisitChunks(section, from, compact));
  if (!batch.empty()) RETURN_IF_ERROR(journal_.database().Write(batch));
  journal_.Forget(section.topic, section.partition, next);
  return batch.bytes() < kBatchBytes ? -1 : next;
}

Status EmbeddedCleaner::CompactChunk(const Section& section, const EmbeddedChunk& chunk, const LastOffsets& last,
                                     state::WriteBatch* batch, uint64_t* kept) const {
  const std::string key = ChunkKey(section.topic.id, section.partition, chunk.base_offset());
  // A reader who has seen the value has a day to see that it is gone.
  const bool keep_tombstones = journal_.clock().NowMs() - chunk.header().appended_at_ms < kDayMs;
  uint32_t count = 0;
  ASSIGN_OR_RETURN(const std::string row, chunk.Without(key, [&](const ChunkRecord& record) {
    const auto found = last.find(std::string(record.key));
    const bool keep = found == last.end() || (found->second == record.offset && (keep_tombstones || !record.tombstone));
    if (keep) ++count;
    return keep;
  }));
  if (count == 0 && chunk.end_offset() < section.topic.at(section.partition).end) {
    batch->Delete(journal_.chunk_store(), key);
    return Status::Ok();
  }
  *kept += row.size();
  if (count < chunk.header().count) batch->Put(journal_.chunk_store(), key, row);
  return Status::Ok();
}

Status EmbeddedCleaner::VisitRows(const Section& section, int64_t from, const VisitRow& visit) const {
  bool readable = true;
  RETURN_IF_ERROR(journal_.database().Store(journal_.chunk_store()).Scan(
      ChunkKey(section.topic.id, section.partition, from), ChunkKey(section.topic.id, section.partition + 1, 0),
      [&](std::string_view key, std::string_view row) {
        ChunkHeader header;
        readable = ChunkHeader::Read(row, &header);
        return readable && BaseOffsetOfKey(key) + header.offsets <= section.end_offset &&
               header.appended_at_ms <= section.appended_until_ms && visit(key, row, header);
      }));
  if (readable) return Status::Ok();
  return {Code::kCorruption, "topic \"" + *section.topic.name + "\", partition " + std::to_string(section.partition) +
                                 ": a row cannot be read; restore the state folder from a copy, or delete it and "
                                 "replay the events"};
}

Status EmbeddedCleaner::VisitChunks(const Section& section, int64_t from, const VisitChunk& visit) const {
  Status outcome;
  RETURN_IF_ERROR(VisitRows(section, from, [&](std::string_view key, std::string_view row, const ChunkHeader&) {
    const auto chunk = EmbeddedChunk::Open(section.topic.name, section.partition, key, row);
    outcome = chunk.status();
    if (!outcome.ok()) return false;
    const Result<bool> more = visit(**chunk);
    outcome = more.status();
    return more.ok() && *more;
  }));
  return outcome;
}

}  // namespace catwalk::streams
