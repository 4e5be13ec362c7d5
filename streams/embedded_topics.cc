#include "streams/embedded_topics.h"

#include <algorithm>
#include <utility>

#include "state/write_batch.h"
#include "streams/embedded_bytes.h"

namespace catwalk::streams {
namespace {

constexpr char kFormat = 1;
constexpr size_t kRowBytes = 1 + 4 + 4 + 1 + 8 + 8;
constexpr uint64_t kBytesPerMark = 1 << 20;
constexpr size_t kMaxMarks = 8192;  // 8 GiB: more than any sensible backlog

std::string EncodeTopic(const EmbeddedTopic& topic) {
  std::string row(1, kFormat);
  AppendBigEndian(topic.id, &row);
  AppendBigEndian(topic.count(), &row);
  AppendBigEndian(static_cast<uint8_t>(topic.cleanup), &row);
  AppendBigEndian(topic.retention_ms, &row);
  AppendBigEndian(topic.min_compaction_lag_ms, &row);
  return row;
}

Result<std::unique_ptr<EmbeddedTopic>> DecodeTopic(std::string_view name, std::string_view row) {
  if (row.size() != kRowBytes || row[0] != kFormat) {
    return Status(Code::kIncompatible, "topic \"" + std::string(name) +
                                           "\" is stored in a format unknown here; use the program that wrote it");
  }
  const auto id = ReadBigEndian<uint32_t>(row, 1);
  auto topic = std::make_unique<EmbeddedTopic>(std::string(name), id, ReadBigEndian<int32_t>(row, 5));
  topic->cleanup = static_cast<schemas::Cleanup>(row[9]);
  topic->retention_ms = ReadBigEndian<int64_t>(row, 10);
  topic->min_compaction_lag_ms = ReadBigEndian<int64_t>(row, 18);
  return topic;
}

Status OtherPartitions(const std::string& name, int32_t has, int32_t wanted) {
  return {Code::kTopicMismatch, "topic \"" + name + "\" has " + std::to_string(has) + " partitions, not " +
                                    std::to_string(wanted) + "; ask for " + std::to_string(has) +
                                    ", or start over in a new state folder"};
}

}  // namespace

void ByteMarks::Restore(int64_t begin, uint64_t bytes_at_begin, int64_t end, uint64_t bytes_at_end) {
  marks_ = {{begin, bytes_at_begin}};
  end_ = {end, bytes_at_end};
  if (end > begin) marks_.push_back(end_);
}

void ByteMarks::Append(int64_t end, uint64_t bytes_at_end) {
  if (end_.bytes - marks_.back().bytes >= kBytesPerMark) marks_.push_back(end_);
  if (marks_.size() > kMaxMarks) marks_.pop_front();
  end_ = {end, bytes_at_end};
}

uint64_t ByteMarks::BytesFrom(int64_t offset) const {
  if (offset >= end_.offset) return 0;
  const auto next = std::upper_bound(marks_.begin(), marks_.end(), offset,
                                     [](int64_t at, const Mark& mark) { return at < mark.offset; });
  if (next == marks_.begin()) return end_.bytes - next->bytes;
  const Mark& below = *std::prev(next);
  const Mark& above = next == marks_.end() ? end_ : *next;
  const double share =
      static_cast<double>(above.offset - offset) / static_cast<double>(above.offset - below.offset);
  return end_.bytes - above.bytes + static_cast<uint64_t>(share * static_cast<double>(above.bytes - below.bytes));
}

Result<std::unique_ptr<EmbeddedTopics>> EmbeddedTopics::Open(state::Database& database) {
  ASSIGN_OR_RETURN(const uint32_t store, database.OpenStore("log-topics"));
  std::unique_ptr<EmbeddedTopics> topics(new EmbeddedTopics(database, store));
  RETURN_IF_ERROR(topics->Load());
  return topics;
}

Status EmbeddedTopics::Load() {
  Status outcome;
  RETURN_IF_ERROR(database_.Store(store_).Scan("", "", [&](std::string_view key, std::string_view value) {
    if (key.front() == '\0') return true;
    auto topic = DecodeTopic(key, value);
    outcome = topic.status();
    if (!topic.ok()) return false;
    next_id_ = std::max(next_id_, (*topic)->id + 1);
    topics_.emplace(key, std::move(topic).value());
    return true;
  }));
  return outcome;
}

Status EmbeddedTopics::Create(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) {
  if (name.empty() || name.front() == '\0') return {Code::kInvalidArgument, "a topic needs a name"};
  if (partitions < 1) return {Code::kInvalidArgument, "topic \"" + name + "\" needs at least one partition"};
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(name);
  if (found != topics_.end()) {
    const int32_t has = found->second->count();
    return has == partitions ? Status::Ok() : OtherPartitions(name, has, partitions);
  }
  auto topic = std::make_unique<EmbeddedTopic>(name, next_id_, partitions);
  topic->cleanup = spec.cleanup;
  topic->retention_ms = spec.retention_ms;
  topic->min_compaction_lag_ms = spec.min_compaction_lag_ms;
  state::WriteBatch batch;
  batch.Put(store_, name, EncodeTopic(*topic));
  RETURN_IF_ERROR(database_.Write(batch));
  ++next_id_;
  topics_.emplace(name, std::move(topic));
  return Status::Ok();
}

Result<EmbeddedTopic*> EmbeddedTopics::Find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(name);
  if (found != topics_.end()) return found->second.get();
  return Status(Code::kNotFound,
                "topic \"" + std::string(name) + "\" does not exist; `catwalk topics --create` makes it");
}

std::vector<EmbeddedTopic*> EmbeddedTopics::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<EmbeddedTopic*> all;
  for (const auto& [name, topic] : topics_) all.push_back(topic.get());
  return all;
}

}  // namespace catwalk::streams
