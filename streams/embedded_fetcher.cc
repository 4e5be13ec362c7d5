#include "streams/embedded_fetcher.h"

#include <algorithm>
#include <utility>

namespace catwalk::streams {
namespace {

constexpr size_t kTurnBytes = 64 * 1024;       // what a source hands out before the next has its turn
constexpr size_t kReadAheadBytes = 512 * 1024;
constexpr size_t kRecordOverhead = 64;         // of a Record, roughly

schemas::Record ToRecord(const ChunkRecord& from, const EmbeddedChunk::Ptr& chunk) {
  schemas::Record record;
  record.topic = chunk->topic();
  record.partition = chunk->partition();
  record.offset = from.offset;
  record.timestamp_ms = from.timestamp_ms;
  record.key = from.key;
  record.value = from.value;
  record.tombstone = from.tombstone;
  if (from.header_count > 0) record.headers = EmbeddedChunk::Headers(from);
  record.arena = chunk;
  return record;
}

}  // namespace

EmbeddedFetcher::~EmbeddedFetcher() { Clear(); }

void EmbeddedFetcher::Start(EmbeddedTopic& topic, int32_t partition, int64_t offset) {
  Source* source = Find({*topic.name, partition});
  if (source == nullptr) {
    source = sources_.emplace_back(std::make_unique<Source>()).get();
    journal_.Subscribe(topic.at(partition), &wakeup_);
  }
  *source = Source();
  source->topic = &topic;
  source->partition = partition;
  source->position = std::max(offset, topic.at(partition).begin.load());
}

void EmbeddedFetcher::Clear() {
  for (const auto& source : sources_) journal_.Unsubscribe(source->topic->at(source->partition), &wakeup_);
  sources_.clear();
  turn_ = 0;
}

bool EmbeddedFetcher::SetPaused(const schemas::TopicPartition& partition, bool paused) {
  Source* source = Find(partition);
  if (source == nullptr) return false;
  source->paused = paused;
  return true;
}

int64_t EmbeddedFetcher::Position(const schemas::TopicPartition& partition) const {
  const Source* source = Find(partition);
  return source == nullptr ? -1 : source->position;
}

EmbeddedFetcher::Source* EmbeddedFetcher::Find(const schemas::TopicPartition& partition) const {
  for (const auto& source : sources_) {
    if (source->partition == partition.partition && *source->topic->name == partition.topic) return source.get();
  }
  return nullptr;
}

Status EmbeddedFetcher::Poll(std::chrono::milliseconds max_wait, size_t max_bytes, std::vector<schemas::Record>* out) {
  const size_t before = out->size();
  wakeup_.Reset();
  RETURN_IF_ERROR(Take(max_bytes, out));
  if (out->size() > before || max_wait.count() <= 0) return Status::Ok();
  const auto deadline = std::chrono::steady_clock::now() + max_wait;
  while (out->size() == before && wakeup_.WaitUntil(deadline)) {
    wakeup_.Reset();
    RETURN_IF_ERROR(Take(max_bytes, out));
  }
  return Status::Ok();
}

Status EmbeddedFetcher::Take(size_t max_bytes, std::vector<schemas::Record>* out) {
  size_t taken = 0;
  for (bool more = !sources_.empty(); more && taken < max_bytes;) {
    const size_t before = taken;
    for (size_t i = 0; i < sources_.size() && taken < max_bytes; ++i) {
      Source& source = *sources_[turn_];
      turn_ = (turn_ + 1) % sources_.size();
      if (source.paused) continue;
      RETURN_IF_ERROR(TakeFrom(source, std::min(kTurnBytes, max_bytes - taken), &taken, out));
    }
    more = taken > before;
  }
  return Status::Ok();
}

Status EmbeddedFetcher::TakeFrom(Source& source, size_t max_bytes, size_t* taken, std::vector<schemas::Record>* out) {
  ChunkRecord record;
  for (const size_t limit = *taken + max_bytes; *taken < limit;) {
    ASSIGN_OR_RETURN(const bool found, Next(source, &record));
    if (found) {
      *taken += record.encoded.size() + kRecordOverhead;
      out->push_back(ToRecord(record, source.chunks.front()));
      continue;
    }
    RETURN_IF_ERROR(journal_.Read(*source.topic, source.partition, source.position, source.at_chunk_start,
                                  kReadAheadBytes, &source.chunks));
    if (source.chunks.empty()) return Status::Ok();
  }
  return Status::Ok();
}

Result<bool> EmbeddedFetcher::Next(Source& source, ChunkRecord* record) {
  while (!source.chunks.empty()) {
    const EmbeddedChunk& chunk = *source.chunks.front();
    ASSIGN_OR_RETURN(const bool found, chunk.Next(&source.at, record));
    if (!found) {  // what a chunk spans without a record in it (compacted away) is passed over
      source.position = std::max(source.position, chunk.end_offset());
      source.at_chunk_start = true;
      source.chunks.pop_front();
      source.at = 0;
    } else if (record->offset >= source.position) {
      source.position = record->offset + 1;
      source.at_chunk_start = false;
      return true;
    }
  }
  return false;
}

}  // namespace catwalk::streams
