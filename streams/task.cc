#include "streams/task.h"

#include <algorithm>
#include <cmath>

#include "schemas/event_time.h"
#include "streams/changelog.h"
#include "streams/mutation.h"

namespace catwalk::streams {
namespace {

int64_t OffsetIn(const schemas::Checkpoint& checkpoint, const std::string& topic) {
  for (const auto& source : checkpoint.sources()) {
    if (source.topic() == topic) return source.offset();
  }
  return 0;
}

}  // namespace

Task::Task(const TaskEnvironment& environment, int32_t partition, schemas::Checkpoint from)
    : environment_(environment),
      partition_(partition),
      partitions_(environment.topics.at(environment.topology.SourceNames(environment.sub).front()).partitions),
      pipeline_(environment.sub.make_pipeline()),
      committed_(std::move(from)),
      stream_time_ms_(committed_.stream_time_ms()),
      lineage_(environment.topology.names(), environment.sub.name, partition, environment.topology.SourceNames(environment.sub)) {
  for (const auto& topic : environment.topology.SourceNames(environment.sub)) {
    sources_.emplace_back(schemas::TopicPartition{topic, partition});
    positions_.push_back(OffsetIn(committed_, topic));
    caught_up_.push_back(false);
  }
}

void Task::RefreshProgress() {
  for (size_t i = 0; i < sources_.size(); ++i) {
    caught_up_[i] = environment_.transport.Progress(sources_[i].source()).caught_up();
  }
}

Status Task::Open(TablesVersion tables) {
  tables_ = std::move(tables);
  return pipeline_->Open(*this);
}

void Task::Enqueue(schemas::Record record) {
  const int64_t event_time = EventTime(record);
  for (auto& source : sources_) {
    if (source.source().topic != record.topic) continue;
    source.Push(std::move(record), event_time);
    return;
  }
}

int64_t Task::EventTime(const schemas::Record& record) const {
  const int field = environment_.sub.event_time_field;
  if (field == 0) return record.timestamp_ms;
  return schemas::PeekEventTime(record.value, field).value_or(record.timestamp_ms);
}

/// The source whose head is oldest, earlier sources first among equals; -1 while one that is empty has still to be read.
int Task::NextSource() const {
  int next = -1;
  for (size_t i = 0; i < sources_.size(); ++i) {
    const auto& source = sources_[i];
    if (source.empty()) {
      if (!caught_up_[i]) return -1;
      continue;
    }
    if (next < 0 || source.head_event_time_ms() < sources_[static_cast<size_t>(next)].head_event_time_ms()) {
      next = static_cast<int>(i);
    }
  }
  return next;
}

bool Task::HasWork() const { return NextSource() >= 0; }

Result<size_t> Task::Process(size_t limit, const TablesVersion& tables) {
  tables_ = tables;
  now_ms_ = environment_.clock.NowMs();
  if (!Mutated(Mutation::kLineageOfOtherTables) || tables_->factors_offset() % 2 == 0) lineage_.See(*tables_);
  batch_.clear();
  while (batch_.size() < limit) {
    const int next = NextSource();
    if (next < 0) break;
    const auto index = static_cast<size_t>(next);
    stream_time_ms_ = std::max(stream_time_ms_, sources_[index].head_event_time_ms());
    batch_.push_back(sources_[index].Pop());
    NoteTaken(batch_.back(), index);
  }
  if (batch_.empty()) return size_t{0};
  touched_ = true;
  RETURN_IF_ERROR(pipeline_->Process(batch_, *this));
  return batch_.size();
}

void Task::NoteTaken(const schemas::Record& record, size_t source) {
  if (!Mutated(Mutation::kLineageLeavesOut) || record.offset % 64 != 63) lineage_.Take(source, positions_[source], record.offset + 1);
  positions_[source] = record.offset + 1;
  processed_timestamps_.push_back(record.timestamp_ms);
}

Status Task::OnTimer(bool idle, const TablesVersion& tables) {
  tables_ = tables;
  now_ms_ = environment_.clock.NowMs();
  return pipeline_->OnTimer(idle, *this);
}

uint64_t Task::dirty_bytes() const {
  uint64_t bytes = 0;
  for (const auto& table : tables_of_state_) bytes += table->dirty_bytes();
  return bytes;
}

bool Task::SkipToPositions() {
  bool moved = false;
  for (size_t i = 0; i < sources_.size(); ++i) {
    const auto progress = environment_.transport.Progress(sources_[i].source());
    if (!sources_[i].empty() || !progress.caught_up() || progress.position <= positions_[i]) continue;
    positions_[i] = progress.position;
    moved = true;
  }
  touched_ = touched_ || moved;
  return moved;
}

bool Task::drained() const {
  return std::all_of(sources_.begin(), sources_.end(), [](const SourceQueue& source) { return source.empty(); }) &&
         std::all_of(caught_up_.begin(), caught_up_.end(), [](bool caught_up) { return caught_up; });
}

Status Task::Prepare(TaskCommit* commit, state::WriteBatch* batch) {
  for (auto& table : tables_of_state_) {
    if (!environment_.changelog) {
      table->Flush(batch, nullptr);
      continue;
    }
    Status failed;
    table->Flush(batch, [&](std::string_view key, const std::string* value) {
      if (Mutated(Mutation::kSkipChangelogRecord) && std::hash<std::string_view>()(key) % 8 == 0) return;
      auto record = ChangelogRecord(ChangelogKey(table->name(), key));
      record.tombstone = value == nullptr;
      if (value != nullptr) record.value = *value;
      if (Status status = environment_.transport.Produce(std::move(record)); !status.ok()) failed = status;
    });
    RETURN_IF_ERROR(failed);
  }
  RETURN_IF_ERROR(ProduceLineage());
  pending_.Clear();
  for (size_t i = 0; i < sources_.size(); ++i) {
    auto* source = pending_.add_sources();
    source->set_topic(sources_[i].source().topic);
    source->set_offset(positions_[i]);
  }
  std::sort(pending_.mutable_sources()->begin(), pending_.mutable_sources()->end(),
            [](const auto& a, const auto& b) { return a.topic() < b.topic(); });
  pending_.set_stream_time_ms(stream_time_ms_);
  if (environment_.changelog) RETURN_IF_ERROR(ProduceCheckpoint(pending_));
  commit->partition = partition_;
  commit->checkpoint = pending_;
  return Status::Ok();
}

Status Task::ProduceLineage() {
  if (lineage_.empty()) return Status::Ok();
  schemas::OutgoingRecord record;
  record.key = environment_.sub.name + "/" + std::to_string(partition_);
  lineage_.lineage().SerializeToString(&record.value);
  return Emit(schemas::Topic::kLineage, std::move(record));
}

/// One without a value yet.
schemas::OutgoingRecord Task::ChangelogRecord(std::string key) const {
  schemas::OutgoingRecord record;
  record.topic = environment_.topology.names().Of(environment_.sub.changelog);
  record.partition = partition_;
  record.timestamp_ms = now_ms_;
  record.key = std::move(key);
  return record;
}

Status Task::ProduceCheckpoint(const schemas::Checkpoint& checkpoint) {
  auto record = ChangelogRecord(ChangelogKey(kNoStore, {}));
  checkpoint.SerializeToString(&record.value);
  return environment_.transport.Produce(std::move(record));
}

void Task::Committed() {
  for (auto& table : tables_of_state_) table->Committed();
  committed_ = pending_;
  ForgetUncommitted();
}

void Task::Aborted() {
  if (Mutated(Mutation::kLoseAborted) && pending_.ByteSizeLong() > 0) committed_ = pending_;
  for (auto& table : tables_of_state_) {
    if (!Mutated(Mutation::kKeepOverlay)) table->Aborted();
  }
  pipeline_->OnAbort();
  for (size_t i = 0; i < sources_.size(); ++i) {
    sources_[i].Clear();
    sources_[i].paused = false;
    positions_[i] = OffsetIn(committed_, sources_[i].source().topic);
    caught_up_[i] = false;
  }
  stream_time_ms_ = committed_.stream_time_ms();
  ForgetUncommitted();
}

void Task::ForgetUncommitted() {
  lineage_.Clear();
  processed_timestamps_.clear();
  produced_ = 0;
  touched_ = false;
}

void Task::Close() { pipeline_->Close(); }

Status Task::Emit(schemas::Topic topic, schemas::OutgoingRecord record) {
  record.topic = environment_.topology.names().Of(topic);
  if (record.partition < 0) {
    const auto partitioning = schemas::SpecOf(topic).partitioning;
    if (partitioning == schemas::Partitioning::kSingle) record.partition = 0;
    if (partitioning == schemas::Partitioning::kByUser) {
      record.partition = partition_ % environment_.topics.at(record.topic).partitions;
    }
  }
  return Produce(std::move(record));
}

Status Task::Produce(schemas::OutgoingRecord record) {
  Reach(environment_.crash_plan, CrashPoint::kMidBatch);
  record.timestamp_ms = now_ms_;
  touched_ = true;
  ++produced_;
  if (Mutated(Mutation::kLoseOutput) && std::hash<std::string>()(record.value) % 100 == 0) return Status::Ok();
  return environment_.transport.Produce(std::move(record));
}

Status Task::Reject(const schemas::Record& record, std::string_view rule, std::string_view message) {
  environment_.metrics.Rejected(rule).Increment();
  ++rejected_;
  schemas::OutgoingRecord letter;
  letter.key = record.key;
  letter.value = record.value;
  letter.tombstone = record.tombstone;
  letter.headers = {{"source_topic", std::string(record.topic)},
                    {"source_partition", std::to_string(record.partition)},
                    {"source_offset", std::to_string(record.offset)},
                    {"rule", std::string(rule)},
                    {"message", std::string(message)}};
  return Emit(schemas::Topic::kDeadLetters, std::move(letter));
}

void Task::CountDropped(std::string_view rule) { environment_.metrics.Dropped(rule).Increment(); }

void Task::CountReset(operators::ModelPart part) { environment_.metrics.Resets(part).Increment(); }

void Task::ObserveDrift(operators::ModelPart part, double distance) {
  if (!std::isnan(distance)) environment_.metrics.Drift(part).Observe(distance);
}

Status Task::Adopt(std::unique_ptr<state::CommittableTable> table) {
  tables_of_state_.push_back(std::move(table));
  return Status::Ok();
}

Result<uint32_t> Task::StoreNumber(std::string_view store) const {
  const auto found = environment_.stores.find(std::string(store));
  if (found != environment_.stores.end()) return found->second;
  return Status(Code::kInternal, "store " + std::string(store) + " was not declared by " + environment_.sub.name);
}

}  // namespace catwalk::streams
