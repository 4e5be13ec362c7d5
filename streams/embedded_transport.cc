#include "streams/embedded_transport.h"

#include <algorithm>
#include <utility>

#include "streams/checkpoint.h"
#include "streams/mutation.h"

namespace catwalk::streams {
namespace {

constexpr size_t kPollBytes = 1 << 20;

int64_t OffsetIn(const schemas::Checkpoint& checkpoint, const std::string& topic) {
  for (const auto& source : checkpoint.sources()) {
    if (source.topic() == topic) return source.offset();
  }
  return 0;
}

Status NotStarted() { return {Code::kInvalidArgument, "the transport is not started; call Start first"}; }

}  // namespace

EmbeddedTransport::EmbeddedTransport(EmbeddedJournal& journal, const TransportOptions& options)
    : journal_(journal), options_(options), fetcher_(journal), outputs_(journal.topics(), journal.clock()) {}

Result<std::unique_ptr<EmbeddedTransport>> EmbeddedTransport::Open(EmbeddedJournal& journal,
                                                                   const TransportOptions& options) {
  std::unique_ptr<EmbeddedTransport> transport(new EmbeddedTransport(journal, options));
  RETURN_IF_ERROR(transport->CheckOptions());
  journal.groups().Join(options.group, options.topics);
  return transport;
}

Status EmbeddedTransport::CheckOptions() {
  if (options_.group.empty() || options_.topics.empty()) {
    return {Code::kInvalidArgument, "a transport needs a group and topics to read"};
  }
  if (options_.worker < 0 || options_.worker >= options_.workers) {
    return {Code::kInvalidArgument, "worker " + std::to_string(options_.worker) +
                                        " is not one of the workers 0 to " + std::to_string(options_.workers - 1)};
  }
  if (options_.checkpoint_store != journal_.checkpoint_store()) {
    return {Code::kInvalidArgument, "the embedded log keeps checkpoints in store \"" + std::string(kCheckpointStore) +
                                        "\"; open that one as checkpoint_store"};
  }
  for (const std::string& name : options_.topics) {
    ASSIGN_OR_RETURN(EmbeddedTopic* const topic, journal_.topics().Find(name));
    topics_.push_back(topic);
    if (topic->count() == topics_.front()->count()) continue;
    return {Code::kTopicMismatch, "topics \"" + options_.topics.front() + "\" and \"" + name + "\" have " +
                                      std::to_string(topics_.front()->count()) + " and " +
                                      std::to_string(topic->count()) + " partitions; they must have equally many"};
  }
  for (int32_t p = options_.worker; p < topics_.front()->count(); p += options_.workers) partitions_.push_back(p);
  return Status::Ok();
}

Status EmbeddedTransport::Start(TransportListener& listener) {
  listener_ = &listener;
  return Status::Ok();
}

Status EmbeddedTransport::Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out) {
  if (listener_ == nullptr) return NotStarted();
  if (!assigned_) {
    assigned_ = true;
    if (!partitions_.empty()) listener_->OnAssigned(partitions_);
  }
  return fetcher_.Poll(max_wait, kPollBytes, out);
}

bool EmbeddedTransport::Owns(int32_t partition) const {
  return assigned_ && std::find(partitions_.begin(), partitions_.end(), partition) != partitions_.end();
}

Status EmbeddedTransport::StartPartition(int32_t partition, const schemas::Checkpoint& from) {
  if (!Owns(partition)) {
    return {Code::kInvalidArgument, "partition " + std::to_string(partition) + " is not assigned to worker " +
                                        std::to_string(options_.worker) + " of group \"" + options_.group + "\""};
  }
  for (EmbeddedTopic* topic : topics_) fetcher_.Start(*topic, partition, OffsetIn(from, *topic->name));
  return Status::Ok();
}

Status EmbeddedTransport::Pause(const schemas::TopicPartition& source) { return SetPaused(source, true); }
Status EmbeddedTransport::Resume(const schemas::TopicPartition& source) { return SetPaused(source, false); }

Status EmbeddedTransport::SetPaused(const schemas::TopicPartition& source, bool paused) {
  if (fetcher_.SetPaused(source, paused)) return Status::Ok();
  return {Code::kInvalidArgument, "topic \"" + source.topic + "\", partition " + std::to_string(source.partition) +
                                      " is not being read; start the partition first"};
}

SourceProgress EmbeddedTransport::Progress(const schemas::TopicPartition& source) const {
  SourceProgress progress;
  for (EmbeddedTopic* topic : topics_) {
    if (*topic->name == source.topic && Owns(source.partition)) {
      progress.position = std::max(int64_t{0}, fetcher_.Position(source));
      progress.known_end = topic->at(source.partition).end;
    }
  }
  return progress;
}

Status EmbeddedTransport::Produce(schemas::OutgoingRecord record) { return outputs_.Add(record); }

Status EmbeddedTransport::Commit(const CommitRequest& request) {
  Reach(options_.crash_plan, CrashPoint::kAfterDelivery);
  rows_.Clear();
  if (request.state != nullptr) rows_ = std::move(*request.state);
  for (const TaskCommit& task : request.tasks) {
    schemas::Checkpoint checkpoint = task.checkpoint;
    checkpoint.set_changelog_offset(0);
    checkpoint.set_committed_at_ms(journal_.clock().NowMs());
    PutCheckpoint(options_.checkpoint_store, options_.group, task.partition, checkpoint, &rows_);
  }
  Reach(options_.crash_plan, CrashPoint::kAfterOffsets);
  if (Mutated(Mutation::kOutputsApart)) {
    state::WriteBatch none;
    RETURN_IF_ERROR(journal_.Write(outputs_, none));
    Reach(options_.crash_plan, CrashPoint::kAfterOffsets);
  }
  if (Status status = journal_.Write(outputs_, rows_); !status.ok()) {
    // Nothing was written for want of room. The worker has gone on by the time there is some: it does all of it again.
    return status.retryable() ? Status(status.code(), status.message(), Recovery::kAbortable) : status;
  }
  Reach(options_.crash_plan, CrashPoint::kAfterCommit);
  for (const TaskCommit& task : request.tasks) {
    journal_.groups().Commit(options_.group, task.partition, task.checkpoint);
  }
  if (request.state != nullptr) request.state->Clear();
  Reach(options_.crash_plan, CrashPoint::kAfterLocalWrite);
  return Status::Ok();
}

Status EmbeddedTransport::Abort() {
  outputs_.Clear();
  return Status::Ok();
}

Status EmbeddedTransport::Stop(bool /*keep_membership*/) {  // nobody else could take the partitions over
  if (listener_ == nullptr) return Status::Ok();
  if (assigned_ && !partitions_.empty()) listener_->OnRevoked(partitions_);
  listener_ = nullptr;
  assigned_ = false;
  outputs_.Clear();
  fetcher_.Clear();
  return Status::Ok();
}

}  // namespace catwalk::streams
