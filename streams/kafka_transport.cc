#include "streams/kafka_transport.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "schemas/internal.pb.h"
#include "state/write_batch.h"
#include "streams/checkpoint.h"
#include "streams/mutation.h"

namespace catwalk::streams {
namespace {

/// Stop is to take 5 s at most; what each step of a commit or an abort, and the group, may take of them.
constexpr std::chrono::milliseconds kStopWait{1000};
constexpr std::chrono::milliseconds kLeaveWait{2500};

}  // namespace

KafkaTransport::KafkaTransport(const KafkaOptions& kafka, const TransportOptions& options, state::Database& database,
                               const Clock& clock, KafkaAdmin& admin)
    : kafka_(kafka), options_(options), database_(database), clock_(clock), admin_(admin) {}

KafkaTransport::~KafkaTransport() = default;

std::string KafkaTransport::Identity(const std::string& group, const std::string& instance, int worker) {
  return group + "-" + instance + "-" + std::to_string(worker);
}

Status KafkaTransport::Start(TransportListener& listener) {
  const std::string identity = Identity(options_.group, options_.instance, options_.worker);
  const std::string name = Mutated(Mutation::kNoFencing) ? identity + std::to_string(clock_.NowMs()) : identity;
  ASSIGN_OR_RETURN(transaction_, KafkaTransaction::Open(kafka_, name, clock_));
  // By KIP-848 who asks for a name that another process has is refused, and is not to cut off what that one does with every attempt: only with the
  // first, as that one may be dead and have left something open.
  const bool join_first = options_.restarted && kafka_.group_protocol == "consumer";
  if (!join_first) RETURN_IF_ERROR(transaction_->Init());
  listener_ = &listener;
  transaction_->OnWait([this](auto since) { HurryIfAwaited(since); });
  ASSIGN_OR_RETURN(group_, KafkaGroup::Join(kafka_, options_, identity, admin_, *this));
  return join_first ? transaction_->Init() : Status::Ok();
}

/// The whole group waits for this member to let go.
void KafkaTransport::OnRevoked(std::span<const int32_t> partitions) {
  if (!hurried_) Hurry(std::chrono::steady_clock::now());
  listener_->OnRevoked(partitions);
  TakeTime();
}

void KafkaTransport::OnLost(std::span<const int32_t> partitions) {
  listener_->OnLost(partitions);
  TakeTime();
}

/// A commit that was begun before the group wanted something has no more time than one that is begun then.
void KafkaTransport::HurryIfAwaited(std::chrono::steady_clock::time_point since) {
  if (!hurried_ && group_ && group_->RevocationWaits()) Hurry(since);
}

void KafkaTransport::Hurry(std::chrono::steady_clock::time_point since) {
  hurried_ = true;
  transaction_->LimitWaitsUntil(since + std::chrono::milliseconds(kafka_.revocation_timeout_ms));
}

void KafkaTransport::TakeTime() {
  hurried_ = false;
  transaction_->LimitWaitsUntil(std::chrono::steady_clock::time_point::max());
}

Status KafkaTransport::CheckRunning() const {
  if (group_) return Status::Ok();
  return {Code::kInternal, "worker of group " + options_.group + " is used before its start or after its stop"};
}

Status KafkaTransport::Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out) {
  RETURN_IF_ERROR(CheckRunning());
  return group_->Poll(max_wait, out);
}

Status KafkaTransport::StartPartition(int32_t partition, const schemas::Checkpoint& from) {
  RETURN_IF_ERROR(CheckRunning());
  changelog_offsets_.erase(partition);  // a restore may have moved it
  return group_->StartPartition(partition, from);
}

Status KafkaTransport::Pause(const schemas::TopicPartition& source) {
  RETURN_IF_ERROR(CheckRunning());
  return group_->Pause(source);
}

Status KafkaTransport::Resume(const schemas::TopicPartition& source) {
  RETURN_IF_ERROR(CheckRunning());
  return group_->Resume(source);
}

SourceProgress KafkaTransport::Progress(const schemas::TopicPartition& source) const {
  return group_ ? group_->Progress(source) : SourceProgress{};
}

Status KafkaTransport::EnsureOpen() {
  RETURN_IF_ERROR(CheckRunning());
  if (transaction_->open()) return Status::Ok();
  if (!Mutated(Mutation::kNoFencing)) {
    ASSIGN_OR_RETURN(membership_, group_->Membership());
  }
  return transaction_->Begin();
}

Status KafkaTransport::Produce(schemas::OutgoingRecord record) {
  RETURN_IF_ERROR(EnsureOpen());
  return transaction_->Produce(record, !options_.changelog_topic.empty() && record.topic == options_.changelog_topic);
}

Status KafkaTransport::Commit(const CommitRequest& request) {
  RETURN_IF_ERROR(CheckRunning());
  if (!request.tasks.empty() || transaction_->open()) RETURN_IF_ERROR(CommitTransaction(request));
  Reach(options_.crash_plan, CrashPoint::kAfterCommit);
  if (Mutated(Mutation::kOffsetsOutside)) {
    RETURN_IF_ERROR(EnsureOpen());
    RETURN_IF_ERROR(SendOffsets(request));
    RETURN_IF_ERROR(transaction_->Commit());
  }
  RETURN_IF_ERROR(WriteState(request));
  Reach(options_.crash_plan, CrashPoint::kAfterLocalWrite);
  return Status::Ok();
}

Status KafkaTransport::CommitTransaction(const CommitRequest& request) {
  RETURN_IF_ERROR(EnsureOpen());
  RETURN_IF_ERROR(transaction_->Deliver());
  Reach(options_.crash_plan, CrashPoint::kAfterDelivery);
  if (!request.tasks.empty()) {
    if (!Mutated(Mutation::kNoFencing)) RETURN_IF_ERROR(CheckOwnership(request));
    if (!Mutated(Mutation::kOffsetsOutside)) RETURN_IF_ERROR(SendOffsets(request));
  }
  if (Mutated(Mutation::kStateBeforeCommit)) RETURN_IF_ERROR(WriteState(request));
  Reach(options_.crash_plan, CrashPoint::kAfterOffsets);
  return transaction_->Commit();
}

/// The broker would take offsets of a member that no longer holds the partitions, if only the proof of membership is
/// right.
Status KafkaTransport::CheckOwnership(const CommitRequest& request) {
  ASSIGN_OR_RETURN(GroupMetadataPtr now, group_->Membership());
  if (group_->cooperative()) membership_ = std::move(now);
  for (const TaskCommit& task : request.tasks) {
    if (group_->Owns(task.partition)) continue;
    return {Code::kUnavailable, "group " + options_.group + ": partition " + std::to_string(task.partition) +
                                    " belongs to another member by now; abort and go on", Recovery::kAbortable};
  }
  return Status::Ok();
}

Status KafkaTransport::SendOffsets(const CommitRequest& request) {
  const PartitionsPtr offsets(rd_kafka_topic_partition_list_new(static_cast<int>(request.tasks.size())));
  for (const TaskCommit& task : request.tasks) {
    for (const auto& source : task.checkpoint.sources())
      rd_kafka_topic_partition_list_add(offsets.get(), source.topic().c_str(), task.partition)->offset =
          source.offset();
  }
  if (offsets->cnt == 0) return Status::Ok();
  if (Mutated(Mutation::kNoFencing)) {
    const GroupMetadataPtr nobody(rd_kafka_consumer_group_metadata_new(options_.group.c_str()));
    return transaction_->SendOffsets(*offsets, *nobody);
  }
  return transaction_->SendOffsets(*offsets, *membership_);
}

/// The transaction stands, so an error here is fatal; a restart heals it from the changelog.
Status KafkaTransport::WriteState(const CommitRequest& request) {
  state::WriteBatch rows;
  state::WriteBatch& batch = request.state == nullptr ? rows : *request.state;
  for (const TaskCommit& task : request.tasks) {
    schemas::Checkpoint checkpoint = task.checkpoint;
    ASSIGN_OR_RETURN(const int64_t offset, ChangelogOffset(task.partition));
    checkpoint.set_changelog_offset(offset);
    checkpoint.set_committed_at_ms(clock_.NowMs());
    PutCheckpoint(options_.checkpoint_store, options_.group, task.partition, checkpoint, &batch);
  }
  if (batch.empty()) return Status::Ok();
  const Status status = database_.Write(batch);
  if (!status.ok()) return {status.code(), "state is committed but not stored: " + status.message(), Recovery::kFatal};
  batch.Clear();
  return Status::Ok();
}

/// The offset after the task's last committed changelog record: of this transaction, or as it stood before.
Result<int64_t> KafkaTransport::ChangelogOffset(int32_t partition) {
  if (const auto end = transaction_->ChangelogEnd(partition); end) return changelog_offsets_[partition] = *end;
  const auto known = changelog_offsets_.find(partition);
  if (known != changelog_offsets_.end()) return known->second;
  ASSIGN_OR_RETURN(const auto stored,
                   ReadCheckpoint(database_.Store(options_.checkpoint_store), options_.group, partition));
  return changelog_offsets_[partition] = stored ? stored->changelog_offset() : 0;
}

Status KafkaTransport::Abort() {
  if (!transaction_) return Status::Ok();
  return transaction_->Abort();
}

Status KafkaTransport::Stop(bool keep_membership) {
  if (!group_) return Status::Ok();
  transaction_->LimitWaits(kStopWait);
  const Status left = group_->Leave(keep_membership, kLeaveWait);
  const Status aborted = transaction_->Abort();
  membership_.reset();
  group_.reset();
  transaction_.reset();
  return left.ok() ? aborted : left;
}

}  // namespace catwalk::streams
