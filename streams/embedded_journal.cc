#include "streams/embedded_journal.h"

#include <algorithm>
#include <utility>

#include "streams/checkpoint.h"

namespace catwalk::streams {
namespace {

// Overwritten by each Sync: an empty write might not reach the disk. The zero byte tells it from topics.
constexpr std::string_view kSyncKey("\0sync", 5);

}  // namespace

void Wakeup::Reset() {
  const std::lock_guard lock(mutex_);
  signalled_ = false;
}

void Wakeup::Signal() {
  const std::lock_guard lock(mutex_);
  signalled_ = true;
  changed_.notify_one();
}

bool Wakeup::WaitUntil(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return signalled_; });
}

Result<std::unique_ptr<EmbeddedJournal>> EmbeddedJournal::Open(state::Database& database, const Clock& clock,
                                                               size_t cache_bytes) {
  std::unique_ptr<EmbeddedJournal> journal(new EmbeddedJournal(database, clock, cache_bytes));
  RETURN_IF_ERROR(journal->OpenStores());
  RETURN_IF_ERROR(journal->groups_.Load(database.Store(journal->checkpoint_store_)));
  RETURN_IF_ERROR(journal->RecoverEnds());
  return journal;
}

Status EmbeddedJournal::OpenStores() {
  ASSIGN_OR_RETURN(chunk_store_, database_.OpenStore("log"));
  ASSIGN_OR_RETURN(checkpoint_store_, database_.OpenStore(kCheckpointStore));
  ASSIGN_OR_RETURN(topics_, EmbeddedTopics::Open(database_));
  return Status::Ok();
}

Status EmbeddedJournal::RecoverEnds() {
  for (EmbeddedTopic* topic : topics_->All()) {
    for (int32_t partition = 0; partition < topic->count(); ++partition) {
      RETURN_IF_ERROR(RecoverPartition(*topic, partition));
    }
  }
  return Status::Ok();
}

Status EmbeddedJournal::RecoverPartition(EmbeddedTopic& topic, int32_t partition) {
  const std::string begin = ChunkKey(topic.id, partition, 0);
  const std::string end = ChunkKey(topic.id, partition + 1, 0);
  const state::KeyValueStore& store = database_.Store(chunk_store_);
  std::string key;
  std::string row;
  ASSIGN_OR_RETURN(const bool any, store.Last(begin, end, &key, &row));
  if (!any) return Status::Ok();
  ASSIGN_OR_RETURN(const auto last, EmbeddedChunk::Open(topic.name, partition, key, row));
  const size_t last_bytes = row.size();
  const auto take = [&](std::string_view first_key, std::string_view first_row) {
    key = first_key;
    row = first_row;
    return false;
  };
  RETURN_IF_ERROR(store.Scan(begin, end, take));
  ASSIGN_OR_RETURN(const auto first, EmbeddedChunk::Open(topic.name, partition, key, row));
  EmbeddedPartition& state = topic.at(partition);
  state.begin = first->header().count == 0 ? first->end_offset() : first->base_offset();
  state.end = last->end_offset();
  state.bytes = last->header().bytes_before + last_bytes;
  state.marks.Restore(state.begin, first->header().bytes_before, state.end, state.bytes);
  return Status::Ok();
}

Status EmbeddedJournal::Write(EmbeddedBatch& batch, state::WriteBatch& rows) {
  const std::lock_guard lock(append_mutex_);
  Place(batch, rows);
  if (!rows.empty()) RETURN_IF_ERROR(database_.Write(rows));
  Publish(batch);
  return Status::Ok();
}

void EmbeddedJournal::Place(const EmbeddedBatch& batch, state::WriteBatch& rows) const {
  const int64_t now = clock_.NowMs();
  for (EmbeddedBatch::Partition* partition : batch.touched()) {
    const EmbeddedPartition& state = partition->topic->at(partition->number);
    int64_t offset = state.end;
    uint64_t bytes = state.bytes;
    for (ChunkBuilder& chunk : partition->chunks) {
      const std::string key = ChunkKey(partition->topic->id, partition->number, offset);
      chunk.Seal(key, now, bytes);
      rows.Put(chunk_store_, key, chunk.row());
      offset += chunk.count();
      bytes += chunk.bytes();
    }
  }
}

void EmbeddedJournal::Publish(EmbeddedBatch& batch) {
  ++writes_;
  for (EmbeddedBatch::Partition* partition : batch.touched()) Publish(*partition);
  batch.Clear();
}

void EmbeddedJournal::Publish(EmbeddedBatch::Partition& written) {
  EmbeddedTopic& topic = *written.topic;
  EmbeddedPartition& state = topic.at(written.number);
  int64_t offset = state.end;
  for (ChunkBuilder& chunk : written.chunks) {
    const uint32_t count = chunk.count();
    state.bytes += chunk.bytes();
    cache_.Add(topic.id, std::make_shared<const EmbeddedChunk>(topic.name, written.number, offset,
                                                               std::move(chunk).TakeRow()));
    offset += count;
  }
  state.end = offset;  // after the cache has them: who sees the end finds the records
  state.marks.Append(offset, state.bytes);
  Wake(state);
}

void EmbeddedJournal::Wake(const EmbeddedPartition& partition) {
  const std::lock_guard lock(wakeup_mutex_);
  for (Wakeup* waiting : partition.waiting) waiting->Signal();
}

uint64_t EmbeddedJournal::BacklogOf(EmbeddedTopic& topic) const {
  const std::lock_guard lock(append_mutex_);
  uint64_t bytes = 0;
  for (int32_t partition = 0; partition < topic.count(); ++partition) {
    const auto committed = groups_.LowestCommitted(*topic.name, partition);
    if (committed) bytes += topic.at(partition).marks.BytesFrom(*committed);
  }
  return bytes;
}

Status EmbeddedJournal::Sync(std::chrono::milliseconds timeout) {
  const uint64_t target = writes_;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(sync_mutex_);
  while (synced_ < target) {
    if (!syncing_) {
      RETURN_IF_ERROR(SyncForAll(lock));
    } else if (synced_changed_.wait_until(lock, deadline) == std::cv_status::timeout && synced_ < target) {
      return {Code::kTimeout, "the disk did not take the records in time; try again", Recovery::kRetryable};
    }
  }
  return Status::Ok();
}

Status EmbeddedJournal::SyncForAll(std::unique_lock<std::mutex>& lock) {
  const uint64_t covered = writes_;
  syncing_ = true;
  lock.unlock();
  state::WriteBatch marker;
  marker.Put(topics_->store(), kSyncKey, {});
  const Status status = database_.Write(marker, /*sync=*/true);
  lock.lock();
  syncing_ = false;
  if (status.ok()) synced_ = std::max(synced_, covered);
  synced_changed_.notify_all();
  return status;
}

Status EmbeddedJournal::Read(const EmbeddedTopic& topic, int32_t partition, int64_t offset, bool at_chunk_start,
                             size_t max_bytes, std::deque<EmbeddedChunk::Ptr>* out) const {
  if (offset >= topic.partitions[static_cast<size_t>(partition)].end) return Status::Ok();
  if (cache_.Find(topic.id, partition, offset, max_bytes, out)) return Status::Ok();
  if (!at_chunk_start) RETURN_IF_ERROR(ReadHolder(topic, partition, offset, out));
  Status outcome;
  size_t bytes = 0;
  const auto take = [&](std::string_view key, std::string_view row) {
    auto chunk = EmbeddedChunk::Open(topic.name, partition, key, row);
    outcome = chunk.status();
    if (!chunk.ok()) return false;
    bytes += row.size();
    out->push_back(std::move(chunk).value());
    return bytes < max_bytes;
  };
  const std::string end = ChunkKey(topic.id, partition + 1, 0);
  RETURN_IF_ERROR(database_.Store(chunk_store_).Scan(ChunkKey(topic.id, partition, offset), end, take));
  // What stands before the damage is handed out first.
  return out->empty() ? outcome : Status::Ok();
}

Status EmbeddedJournal::ReadHolder(const EmbeddedTopic& topic, int32_t partition, int64_t offset,
                                   std::deque<EmbeddedChunk::Ptr>* out) const {
  std::string key;
  std::string row;
  ASSIGN_OR_RETURN(const bool found,
                   database_.Store(chunk_store_)
                       .Last(ChunkKey(topic.id, partition, 0), ChunkKey(topic.id, partition, offset), &key, &row));
  if (!found) return Status::Ok();
  ASSIGN_OR_RETURN(auto chunk, EmbeddedChunk::Open(topic.name, partition, key, row));
  if (chunk->end_offset() > offset) out->push_back(std::move(chunk));
  return Status::Ok();
}

void EmbeddedJournal::Subscribe(EmbeddedPartition& partition, Wakeup* wakeup) {
  const std::lock_guard lock(wakeup_mutex_);
  partition.waiting.push_back(wakeup);
}

void EmbeddedJournal::Unsubscribe(EmbeddedPartition& partition, Wakeup* wakeup) {
  const std::lock_guard lock(wakeup_mutex_);
  std::erase(partition.waiting, wakeup);
}

void EmbeddedJournal::Forget(const EmbeddedTopic& topic, int32_t partition, int64_t offset) {
  cache_.Forget(topic.id, partition, offset);
}

}  // namespace catwalk::streams
