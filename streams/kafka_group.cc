#include "streams/kafka_group.h"

#include <algorithm>
#include <span>
#include <thread>
#include <utility>

#include "streams/kafka_config.h"
#include "streams/kafka_status.h"

namespace catwalk::streams {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// One poll returns at most about this much, so that a worker gets to commit in between.
constexpr size_t kPollBytes = 4 << 20;
constexpr size_t kPollRecords = 4096;
constexpr int kSeekTimeoutMs = 2000;
constexpr int kPauseMs = 5;
constexpr std::chrono::seconds kFarewell{2};

std::span<const rd_kafka_topic_partition_t> In(const rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<size_t>(list.cnt)};
}

PartitionsPtr ListOf(const schemas::TopicPartition& source) {
  PartitionsPtr list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), source.topic.c_str(), source.partition);
  return list;
}

PartitionsPtr ListOf(const std::vector<std::string>& topics) {
  PartitionsPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const auto& topic : topics)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  return list;
}

}  // namespace

KafkaGroup::KafkaGroup(const TransportOptions& transport, bool cooperative, KafkaAdmin& admin, TransportListener& listener)
    : group_(transport.group), cooperative_(cooperative), admin_(admin), listener_(listener), sources_(transport.topics) {}

Result<std::unique_ptr<KafkaGroup>> KafkaGroup::Join(const KafkaOptions& options, const TransportOptions& transport,
                                                     const std::string& member, KafkaAdmin& admin,
                                                     TransportListener& listener) {
  const bool cooperative = options.group_protocol == "consumer";
  std::unique_ptr<KafkaGroup> group(new KafkaGroup(transport, cooperative, admin, listener));
  const KafkaCallbacks callbacks{.opaque = group.get(), .rebalance = OnRebalance, .polled = true};
  ASSIGN_OR_RETURN(group->consumer_, MakeClient(RD_KAFKA_CONSUMER, options,
                                                MemberSettings(options, transport.group, member, transport.address),
                                                callbacks));
  rd_kafka_t* const consumer = group->consumer_.get();
  RETURN_IF_ERROR(KafkaError(rd_kafka_poll_set_consumer(consumer), "group " + transport.group));
  group->fetcher_ = std::make_unique<KafkaFetcher>(consumer);
  RETURN_IF_ERROR(KafkaError(rd_kafka_subscribe(consumer, ListOf(transport.topics).get()),
                             "group " + transport.group));
  if (cooperative) RETURN_IF_ERROR(group->AwaitMembership(std::chrono::milliseconds(options.request_timeout_ms), transport.restarted));
  return group;
}

/// Until the broker has taken the member in, or refused it.
Status KafkaGroup::AwaitMembership(std::chrono::milliseconds limit, bool again) {
  const auto deadline = SteadyClock::now() + limit;
  while (Epoch() <= 0) {
    RETURN_IF_ERROR(FatalError(consumer_.get(), "group " + group_));
    if (SteadyClock::now() > deadline) return NotTakenIn(again);
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
  }
  return Status::Ok();
}

/// librdkafka tries for ever, and tells nobody, if the broker does not know the protocol. Then the member has no epoch; while it asks it has 0; but
/// it has none either as long as it looks for its coordinator, so of a broker that knew the protocol before no such thing is believed.
Status KafkaGroup::NotTakenIn(bool again) const {
  if (again || Epoch() == 0) return {Code::kTimeout, "group " + group_ + ": no broker has taken the member in yet; check that they are up and reachable"};
  return {Code::kUnsupported, "group " + group_ + ": the broker does not take a member in by the consumer group protocol (KIP-848); use Apache "
                              "Kafka 4.0 or newer, or the group protocol \"classic\""};
}

/// -1: not a member.
int KafkaGroup::Epoch() const {
  const auto membership = Membership();
  return membership.ok() ? rd_kafka_consumer_group_metadata_generation_id(membership->get()) : -1;
}

KafkaGroup::~KafkaGroup() {
  if (!consumer_) return;
  FallSilent();
  End(SteadyClock::now() + kFarewell, cooperative_);
}

void KafkaGroup::FallSilent() {
  silent_ = true;
  RebalanceDue();
}

/// librdkafka 2.15.1 waits for good, in rd_kafka_destroy, for the answer to an assignment of KIP-848 (WAIT_ASSIGN_CALL), so such a member
/// is closed before. A classic one that is only thrown away needs to answer nothing, and keeps its membership.
void KafkaGroup::End(SteadyClock::time_point deadline, bool close) {
  if (fetcher_) {
    ServeRebalances(deadline);
    if (close) Close(deadline);
  }
  fetcher_.reset();
  consumer_.reset();
}

/// A client that closes may end as soon as its rebalance is answered, by KIP-848, or before, by the classic protocol; and librdkafka
/// 2.15.1 never answers a call that is then under way (rd_kafka_cgrp_op_serve). So the first answer of all is the last one: it is taken
/// for the answer to any other.
void KafkaGroup::Close(SteadyClock::time_point deadline) {
  answers_ = cooperative_ ? Answers::kOne : Answers::kNone;
  const ErrorPtr refused(rd_kafka_consumer_close_queue(consumer_.get(), fetcher_->queue()));
  if (refused) {  // it has ended by a fatal error, and begins no rebalance any more
    answers_ = Answers::kAll;
    return ServeRebalances(deadline);
  }
  while (rd_kafka_consumer_closed(consumer_.get()) == 0 && SteadyClock::now() < deadline) DropOne(kPauseMs);
}

Status KafkaGroup::Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out) {
  if (!consumer_) return {Code::kInternal, "group " + group_ + ": polled after it was left"};
  RebalanceDue();
  if (seek_due_) RETURN_IF_ERROR(SeekDue());
  RETURN_IF_ERROR(fetcher_->Poll(max_wait, kPollBytes, kPollRecords, &sources_, out));
  return std::exchange(callback_error_, Status::Ok());
}

// Called by librdkafka from within a poll.
void KafkaGroup::OnRebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t kind, rd_kafka_topic_partition_list_t* partitions,
                             void* group) {
  auto& self = *static_cast<KafkaGroup*>(group);
  if (self.answers_ == Answers::kNone) return;
  if (self.answers_ == Answers::kOne) self.answers_ = Answers::kNone;
  if (!self.looking_) return self.Rebalance(kind, partitions);
  self.due_ = kind;
  self.due_partitions_.reset(rd_kafka_topic_partition_list_copy(partitions));
}

void KafkaGroup::Rebalance(rd_kafka_resp_err_t kind, rd_kafka_topic_partition_list_t* partitions) {
  rebalancing_ = true;
  if (kind == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    TakeOver(partitions);
  } else if (kind == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    GiveUp(partitions);
  } else {
    callback_error_ = KafkaError(kind, "group " + group_);
    rd_kafka_assign(consumer_.get(), nullptr);
  }
  rebalancing_ = false;
}

/// The client waits for the answer to one rebalance before it begins another.
void KafkaGroup::RebalanceDue() {
  const auto kind = std::exchange(due_, RD_KAFKA_RESP_ERR_NO_ERROR);
  const PartitionsPtr partitions = std::move(due_partitions_);
  if (kind != RD_KAFKA_RESP_ERR_NO_ERROR) Rebalance(kind, partitions.get());
}

bool KafkaGroup::RevocationWaits() {
  if (!consumer_ || rebalancing_) return false;
  looking_ = true;
  if (due_ == RD_KAFKA_RESP_ERR_NO_ERROR) fetcher_->ServeCallbacks();
  looking_ = false;
  return due_ == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
}

void KafkaGroup::TakeOver(rd_kafka_topic_partition_list_t* partitions) {
  // Any absolute offset will do, and spares a question for the committed one: what counts is StartPartition's.
  for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = 0;
  if (cooperative_) {
    const ErrorPtr error(rd_kafka_incremental_assign(consumer_.get(), partitions));
    callback_error_ = KafkaError(error.get(), "group " + group_);
  } else {
    callback_error_ = KafkaError(rd_kafka_assign(consumer_.get(), partitions), "group " + group_);
  }
  if (silent_) return;
  rd_kafka_pause_partitions(consumer_.get(), partitions);
  const std::vector<int32_t> numbers = Mark(*partitions, true);
  owned_.insert(numbers.begin(), numbers.end());
  if (!numbers.empty()) listener_.OnAssigned(numbers);
}

void KafkaGroup::GiveUp(const rd_kafka_topic_partition_list_t* partitions) {
  std::set<int32_t> numbers;
  for (const auto& given : In(*partitions)) {
    if (Owns(given.partition)) numbers.insert(given.partition);
  }
  TellOfLoss({numbers.begin(), numbers.end()});
  Mark(*partitions, false);
  if (cooperative_) {
    const ErrorPtr error(rd_kafka_incremental_unassign(consumer_.get(), partitions));
    callback_error_ = KafkaError(error.get(), "group " + group_);
  } else {
    callback_error_ = KafkaError(rd_kafka_assign(consumer_.get(), nullptr), "group " + group_);
  }
}

void KafkaGroup::TellOfLoss(const std::vector<int32_t>& numbers) {
  if (!silent_ && !numbers.empty()) {
    if (rd_kafka_assignment_lost(consumer_.get()) != 0) listener_.OnLost(numbers);
    else listener_.OnRevoked(numbers);
  }
  for (const int32_t number : numbers) owned_.erase(number);
}

/// Returns the partition numbers that are complete afterwards, of those touched.
std::vector<int32_t> KafkaGroup::Mark(const rd_kafka_topic_partition_list_t& partitions, bool assigned) {
  std::set<int32_t> complete;
  for (const auto& source : In(partitions)) {
    const size_t topic = sources_.TopicIndex(source.topic);
    if (topic < sources_.topics().size())
      sources_.Make(topic, source.partition) = KafkaSource{.assigned = assigned, .held = assigned};
  }
  for (const auto& source : In(partitions)) {
    if (!Owns(source.partition) && Complete(source.partition)) complete.insert(source.partition);
  }
  return {complete.begin(), complete.end()};
}

bool KafkaGroup::Complete(int32_t partition) const {
  for (size_t topic = 0; topic < sources_.topics().size(); ++topic) {
    const KafkaSource* source = sources_.Find(topic, partition);
    if (source == nullptr || !source->assigned) return false;
  }
  return true;
}

Result<GroupMetadataPtr> KafkaGroup::Membership() const {
  GroupMetadataPtr metadata(rd_kafka_consumer_group_metadata(consumer_.get()));
  const char* member = metadata ? rd_kafka_consumer_group_metadata_member_id(metadata.get()) : nullptr;
  const bool valid = member != nullptr && *member != '\0' &&
                     rd_kafka_consumer_group_metadata_generation_id(metadata.get()) >= 0 &&
                     rd_kafka_assignment_lost(consumer_.get()) == 0;
  if (valid) return metadata;
  return Status(Code::kUnavailable, "group " + group_ + " does not hold this member at the moment; abort and go on",
                Recovery::kAbortable);
}

Status KafkaGroup::StartPartition(int32_t partition, const schemas::Checkpoint& from) {
  if (!Owns(partition))
    return {Code::kInvalidArgument, "group " + group_ + ": partition " + std::to_string(partition) + " is not owned"};
  RETURN_IF_ERROR(LearnEnds(partition));
  RETURN_IF_ERROR(SetPositions(partition, from));
  return SeekDue();
}

/// Asks for the ends of those sources of the partition whose end is not known since they were assigned.
Status KafkaGroup::LearnEnds(int32_t partition) {
  KafkaAdmin::Partitions unknown;
  for (size_t topic = 0; topic < sources_.topics().size(); ++topic) {
    if (!sources_.Make(topic, partition).end_known) unknown.push_back({sources_.topics()[topic], partition});
  }
  ASSIGN_OR_RETURN(const Offsets ends, admin_.ListOffsets(unknown, OffsetKind::kEnd, Isolation::kReadCommitted));
  for (const auto& [source, end] : ends) {
    KafkaSource& known = sources_.Make(sources_.TopicIndex(source.topic), partition);
    known.end_known = true;
    known.known_end = end;
  }
  return Status::Ok();
}

Status KafkaGroup::SetPositions(int32_t partition, const schemas::Checkpoint& from) {
  for (size_t topic = 0; topic < sources_.topics().size(); ++topic) {
    const std::string& name = sources_.topics()[topic];
    const auto given = std::ranges::find(from.sources(), name, &schemas::Checkpoint::Source::topic);
    KafkaSource& source = sources_.Make(topic, partition);
    source.position = given == from.sources().end() ? 0 : given->offset();
    if (source.position > source.known_end)
      return {Code::kTopicMismatch, "topic " + name + " partition " + std::to_string(partition) + " ends at offset " +
                                        std::to_string(source.known_end) + ", before " +
                                        std::to_string(source.position) + " where group " + group_ +
                                        " stands; if it was made anew, start with another --app or reset the group"};
    source.started = true;
    source.seek_due = true;
    source.paused = false;
    seek_due_ = true;
  }
  return Status::Ok();
}

/// Moves the client to the positions it has not taken over yet. One it refuses for the moment stays due, and nothing of
/// it is delivered meanwhile.
Status KafkaGroup::SeekDue() {
  const PartitionsPtr list(rd_kafka_topic_partition_list_new(8));
  for (size_t topic = 0; topic < sources_.topics().size(); ++topic) {
    for (const int32_t partition : owned_) {
      const KafkaSource* source = sources_.Find(topic, partition);
      if (source != nullptr && source->seek_due)
        rd_kafka_topic_partition_list_add(list.get(), sources_.topics()[topic].c_str(), partition)->offset =
            source->position;
    }
  }
  seek_due_ = false;
  if (list->cnt == 0) return Status::Ok();
  const ErrorPtr error(rd_kafka_seek_partitions(consumer_.get(), list.get(), kSeekTimeoutMs));
  for (const auto& sought : In(*list)) {
    if (error || sought.err == RD_KAFKA_RESP_ERR__STATE || sought.err == RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS ||
        sought.err == RD_KAFKA_RESP_ERR__IN_PROGRESS || sought.err == RD_KAFKA_RESP_ERR__OUTDATED ||
        sought.err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
      seek_due_ = true;
      continue;
    }
    RETURN_IF_ERROR(RequestError(sought.err, std::string("seek in topic ") + sought.topic));
    Release({sought.topic, sought.partition});
  }
  return Status::Ok();
}

/// Lets a source flow that stands where it should.
void KafkaGroup::Release(const schemas::TopicPartition& name) {
  KafkaSource& source = *sources_.Find(sources_.TopicIndex(name.topic), name.partition);
  source.seek_due = false;
  fetcher_->Forget(name.topic, name.partition);
  if (source.held) rd_kafka_resume_partitions(consumer_.get(), ListOf(name).get());
  source.held = false;
  Forward(name, !source.paused);
}

Status KafkaGroup::Pause(const schemas::TopicPartition& source) { return SetPaused(source, true); }

Status KafkaGroup::Resume(const schemas::TopicPartition& source) { return SetPaused(source, false); }

Status KafkaGroup::SetPaused(const schemas::TopicPartition& name, bool paused) {
  KafkaSource* source = sources_.Find(sources_.TopicIndex(name.topic), name.partition);
  if (source == nullptr || !source->started)
    return {Code::kInvalidArgument, "topic " + name.topic + " partition " + std::to_string(name.partition) +
                                        " is not being read"};
  if (source->paused == paused) return Status::Ok();
  source->paused = paused;
  if (!source->seek_due) Forward(name, !paused);
  return Status::Ok();
}

void KafkaGroup::Forward(const schemas::TopicPartition& source, bool forward) {
  const QueuePtr queue(rd_kafka_queue_get_partition(consumer_.get(), source.topic.c_str(), source.partition));
  if (queue) rd_kafka_queue_forward(queue.get(), forward ? fetcher_->queue() : nullptr);
}

SourceProgress KafkaGroup::Progress(const schemas::TopicPartition& source) const {
  const KafkaSource* found = sources_.Find(sources_.TopicIndex(source.topic), source.partition);
  if (found == nullptr) return {};
  return {.position = found->position, .known_end = found->known_end};
}

Status KafkaGroup::Leave(bool keep_membership, std::chrono::milliseconds limit) {
  if (!consumer_) return Status::Ok();
  const auto deadline = SteadyClock::now() + limit;
  TellOfLoss({owned_.begin(), owned_.end()});
  FallSilent();
  const bool departed = !keep_membership && !cooperative_ && Depart(deadline - limit / 4);
  End(deadline, departed || cooperative_);
  return Status::Ok();
}

/// A static member that only closes keeps its partitions for the whole session, so it unsubscribes first; the leave request goes out
/// when everything has been given up. One of KIP-848 keeps them in any case: librdkafka 2.15.1 has it leave only for a while (epoch -2).
bool KafkaGroup::Depart(SteadyClock::time_point deadline) {
  rd_kafka_unsubscribe(consumer_.get());
  while (!Departed() && SteadyClock::now() < deadline) DropOne(kPauseMs);
  return Departed();
}

bool KafkaGroup::Departed() const {
  const GroupMetadataPtr metadata(rd_kafka_consumer_group_metadata(consumer_.get()));
  if (!metadata) return true;
  const char* member = rd_kafka_consumer_group_metadata_member_id(metadata.get());
  return member == nullptr || *member == '\0' || rd_kafka_consumer_group_metadata_generation_id(metadata.get()) < 0;
}

/// Serves those that are due, whatever records stand before them.
void KafkaGroup::ServeRebalances(SteadyClock::time_point deadline) {
  while (DropOne(0) && SteadyClock::now() < deadline) continue;
}

/// Serves the rebalance that is under way; records no longer matter. False if there was none.
bool KafkaGroup::DropOne(int timeout_ms) {
  rd_kafka_message_t* message = nullptr;
  if (rd_kafka_consume_batch_queue(fetcher_->queue(), timeout_ms, &message, 1) <= 0) return false;
  rd_kafka_message_destroy(message);
  return true;
}

}  // namespace catwalk::streams
