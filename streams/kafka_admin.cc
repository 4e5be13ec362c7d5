#include "streams/kafka_admin.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <thread>
#include <utility>

#include "streams/kafka_config.h"
#include "streams/kafka_status.h"
#include "streams/member_address.h"

namespace catwalk::streams {
namespace {

using Deadline = std::chrono::steady_clock::time_point;
constexpr std::chrono::milliseconds kRetryPause{10};
constexpr int kMembersTimeoutMs = 1'500;
constexpr int kGroupOffsetsTimeoutMs = 3'000;
constexpr std::chrono::milliseconds kLeastClientLife{500};
constexpr int kAnHourMs = 3'600'000;  // the most a request may take

Deadline DeadlineIn(int milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

std::string Seconds(int milliseconds) {
  return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + " s" : std::to_string(milliseconds) + " ms";
}

bool HasLeaders(const rd_kafka_metadata_topic& topic) {
  const std::span partitions(topic.partitions, static_cast<size_t>(topic.partition_cnt));
  return std::all_of(partitions.begin(), partitions.end(), [](const auto& partition) { return partition.leader >= 0; });
}

std::span<const rd_kafka_metadata_topic> TopicsIn(const rd_kafka_metadata_t& metadata) {
  return {metadata.topics, static_cast<size_t>(metadata.topic_cnt)};
}

Result<MetadataPtr> FetchMetadata(rd_kafka_t* client, bool all_topics, int timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(client, all_topics ? 1 : 0, nullptr, &metadata, timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return RequestError(error, "kafka topics");
  return MetadataPtr(metadata);
}

PartitionsPtr ListOf(const KafkaAdmin::Partitions& partitions, int64_t offset) {
  PartitionsPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [topic, partition] : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  return list;
}

Status SetTopicConfig(rd_kafka_NewTopic_t* topic, const schemas::TopicSpec& spec) {
  const bool compacted = spec.cleanup == schemas::Cleanup::kCompact;
  auto error = rd_kafka_NewTopic_set_config(topic, "cleanup.policy", compacted ? "compact" : "delete");
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && !compacted)
    error = rd_kafka_NewTopic_set_config(topic, "retention.ms", std::to_string(spec.retention_ms).c_str());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && spec.min_compaction_lag_ms > 0)
    error = rd_kafka_NewTopic_set_config(topic, "min.compaction.lag.ms",
                                         std::to_string(spec.min_compaction_lag_ms).c_str());
  return KafkaError(error, "topic settings");
}

Status CreationError(rd_kafka_event_t* event, const std::string& name) {
  size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  for (size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* detail = rd_kafka_topic_result_error_string(results[i]);
    RETURN_IF_ERROR(KafkaError(error, "topic " + name + " cannot be made", detail == nullptr ? "" : detail));
  }
  return Status::Ok();
}

bool MayComeLater(const Status& answer) { return answer.retryable(); }

template <class T>
bool MayComeLater(const Result<T>& answer) {
  return answer.status().retryable();
}

Result<Offsets> OffsetsIn(rd_kafka_event_t* event) {
  size_t count = 0;
  const auto* infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
  Offsets offsets;
  for (size_t i = 0; i < count; ++i) {
    const auto* found = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    // librdkafka 2.15.1 drops the error of a request that found no answer (rd_kafka_ListOffsets_response_merge): its partitions
    // come back without an error and without an offset.
    const auto error = found->offset == RD_KAFKA_OFFSET_INVALID && found->err == RD_KAFKA_RESP_ERR_NO_ERROR
                           ? RD_KAFKA_RESP_ERR__TRANSPORT
                           : found->err;
    RETURN_IF_ERROR(RequestError(error, "offsets of topic " + std::string(found->topic)));
    offsets[{found->topic, found->partition}] = found->offset;
  }
  return offsets;
}

Result<Offsets> GroupOffsetsIn(rd_kafka_event_t* event, const std::string& group) {
  size_t count = 0;
  const auto* groups =
      rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
  Offsets offsets;
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[i]);
    if (error != nullptr && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) continue;
    RETURN_IF_ERROR(RequestError(rd_kafka_error_code(error), "offsets of group " + group));
    const auto* list = rd_kafka_group_result_partitions(groups[i]);
    if (list == nullptr) continue;
    for (const auto& found : std::span(list->elems, static_cast<size_t>(list->cnt))) {
      const bool undecided = found.err == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
      if (!undecided) RETURN_IF_ERROR(RequestError(found.err, "offsets of group " + group));
      if (undecided || found.offset >= 0) offsets[{found.topic, found.partition}] = undecided ? kUndecided : found.offset;
    }
  }
  return offsets;
}

Member MemberIn(const rd_kafka_MemberDescription_t* member, const std::string& group, const std::string& topic) {
  const char* id = rd_kafka_MemberDescription_group_instance_id(member);
  const char* client_id = rd_kafka_MemberDescription_client_id(member);
  Member found;
  found.id = id == nullptr ? "" : id;
  found.instance = InstanceIn(found.id, group);
  found.address = AddressIn(client_id == nullptr ? "" : client_id);
  const auto* assignment = rd_kafka_MemberDescription_assignment(member);
  const auto* list = assignment == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assignment);
  if (list == nullptr) return found;
  for (const auto& owned : std::span(list->elems, static_cast<size_t>(list->cnt))) {
    if (topic == owned.topic) found.partitions.push_back(owned.partition);
  }
  return found;
}

Result<std::vector<Member>> MembersIn(rd_kafka_event_t* event, const std::string& group, const std::string& topic) {
  size_t count = 0;
  const auto** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(event), &count);
  std::vector<Member> members;
  for (const auto* description : std::span(groups, count)) {
    const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(description);
    RETURN_IF_ERROR(RequestError(rd_kafka_error_code(error), "members of group " + group));
    for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(description); ++i)
      members.push_back(MemberIn(rd_kafka_ConsumerGroupDescription_member(description, i), group, topic));
  }
  return members;
}

Result<AdminOptionsPtr> MakeOptions(rd_kafka_t* client, rd_kafka_admin_op_t operation, int timeout_ms) {
  AdminOptionsPtr options(rd_kafka_AdminOptions_new(client, operation));
  std::array<char, 512> reason{};
  const auto error = rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, reason.data(), reason.size());
  RETURN_IF_ERROR(KafkaError(error, "kafka.request_timeout_ms", reason.data()));
  return options;
}

}  // namespace

Result<std::unique_ptr<KafkaAdmin>> KafkaAdmin::Connect(const KafkaOptions& options) {
  std::unique_ptr<KafkaAdmin> admin(new KafkaAdmin(options));
  // A consumer, though it joins no group: librdkafka 2.15.1 crashes in a client of any other kind when the broker
  // answers ListConsumerGroupOffsets with NOT_COORDINATOR (rd_kafka_handle_OffsetFetch uses rk_cgrp unchecked).
  ASSIGN_OR_RETURN(admin->client_, MakeClient(RD_KAFKA_CONSUMER, options, AdminSettings(options), {}));
  RETURN_IF_ERROR(admin->CheckContact());
  return admin;
}

Status KafkaAdmin::CheckContact() {
  const Status status = FetchMetadata(client_.get(), false, options_.request_timeout_ms).status();
  if (status.ok()) return status;
  if (status.code() != Code::kUnavailable && status.code() != Code::kTimeout) return status;
  return {Code::kUnavailable, "no broker answers at " + options_.bootstrap + " within " +
                                  Seconds(options_.request_timeout_ms) +
                                  "; check --kafka, or leave it out for the embedded log"};
}

/// A connection that is lost, or a coordinator that is loading, need not be anybody's error.
template <class Ask>
auto KafkaAdmin::AskAgain(const Ask& ask) const {
  const Deadline deadline = DeadlineIn(options_.request_timeout_ms);
  for (;;) {
    auto answer = ask();
    if (!MayComeLater(answer) || std::chrono::steady_clock::now() > deadline) return answer;
    std::this_thread::sleep_for(kRetryPause);
  }
}

Result<std::map<std::string, TopicState>> KafkaAdmin::ListTopics() {
  ASSIGN_OR_RETURN(const MetadataPtr metadata, AskAgain([&] { return FetchMetadata(client_.get(), true, options_.request_timeout_ms); }));
  std::map<std::string, TopicState> topics;
  for (const auto& topic : TopicsIn(*metadata)) {
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR) topics[topic.topic].partitions = topic.partition_cnt;
  }
  return topics;
}

Status KafkaAdmin::CreateTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) {
  RETURN_IF_ERROR(AskAgain([&] { return RequestTopic(name, spec, partitions); }));
  return AwaitTopic(name, partitions);
}

Status KafkaAdmin::RequestTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) {
  std::array<char, 512> reason{};
  const NewTopicPtr topic(
      rd_kafka_NewTopic_new(name.c_str(), partitions, options_.replication_factor, reason.data(), reason.size()));
  if (!topic) return {Code::kInvalidArgument, "topic " + name + " cannot be made: " + reason.data()};
  RETURN_IF_ERROR(SetTopicConfig(topic.get(), spec));
  ASSIGN_OR_RETURN(const AdminOptionsPtr options, MakeOptions(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, options_.request_timeout_ms));
  rd_kafka_NewTopic_t* const topics[] = {topic.get()};
  ASSIGN_OR_RETURN(const EventPtr event, Perform(client_.get(), "topics cannot be made", Patience(), [&](auto* client, auto* queue) {
    rd_kafka_CreateTopics(client, const_cast<rd_kafka_NewTopic_t**>(topics), 1, options.get(), queue);
    return Status::Ok();
  }));
  return CreationError(event.get(), name);
}

Status KafkaAdmin::AwaitTopic(const std::string& name, int32_t partitions) {
  const Deadline deadline = DeadlineIn(options_.request_timeout_ms);
  for (;;) {
    ASSIGN_OR_RETURN(const MetadataPtr metadata, FetchMetadata(client_.get(), true, options_.request_timeout_ms));
    for (const auto& topic : TopicsIn(*metadata)) {
      if (name == topic.topic && topic.partition_cnt > 0 && HasLeaders(topic)) return Status::Ok();
    }
    if (std::chrono::steady_clock::now() > deadline) break;
    std::this_thread::sleep_for(kRetryPause);
  }
  return {Code::kTimeout, "topic " + name + " with " + std::to_string(partitions) +
                              " partitions was made but has no leaders yet; check the brokers", Recovery::kRetryable};
}

Result<KafkaAdmin::Partitions> KafkaAdmin::PartitionsOf(const std::vector<std::string>& topics) {
  ASSIGN_OR_RETURN(const auto present, ListTopics());
  Partitions partitions;
  for (const std::string& topic : topics) {
    const auto found = present.find(topic);
    if (found == present.end()) return KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "topic " + topic);
    for (int32_t i = 0; i < found->second.partitions; ++i) partitions.push_back({topic, i});
  }
  return partitions;
}

Result<Offsets> KafkaAdmin::ListOffsets(const Partitions& partitions, OffsetKind kind, Isolation isolation) {
  if (partitions.empty()) return Offsets();
  return AskAgain([&] { return RequestEnds(partitions, kind, isolation); });
}

Result<Offsets> KafkaAdmin::RequestEnds(const Partitions& partitions, OffsetKind kind, Isolation isolation) const {
  const PartitionsPtr list = ListOf(
      partitions, kind == OffsetKind::kFirst ? RD_KAFKA_OFFSET_SPEC_EARLIEST : RD_KAFKA_OFFSET_SPEC_LATEST);
  ASSIGN_OR_RETURN(const AdminOptionsPtr options, MakeOptions(client_.get(), RD_KAFKA_ADMIN_OP_LISTOFFSETS, options_.request_timeout_ms));
  const ErrorPtr error(rd_kafka_AdminOptions_set_isolation_level(
      options.get(), isolation == Isolation::kReadCommitted ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                                            : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  RETURN_IF_ERROR(KafkaError(error.get(), "isolation level"));
  ASSIGN_OR_RETURN(const EventPtr event, Perform(client_.get(), "offsets cannot be listed", Patience(), [&](auto* client, auto* queue) {
    rd_kafka_ListOffsets(client, list.get(), options.get(), queue);
    return Status::Ok();
  }));
  return OffsetsIn(event.get());
}

Result<Offsets> KafkaAdmin::CommittedOffsets(const std::string& group, const Partitions& partitions) {
  if (partitions.empty()) return Offsets();
  return AskAgain([&] { return RequestOffsets(group, partitions); });
}

/// Names the partitions, as the broker, asked for all, keeps quiet about one whose first offset is just being
/// committed.
Result<Offsets> KafkaAdmin::RequestOffsets(const std::string& group, const Partitions& partitions) {
  const PartitionsPtr list = ListOf(partitions, RD_KAFKA_OFFSET_INVALID);
  const GroupOffsetsRequestPtr request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), list.get()));
  rd_kafka_ListConsumerGroupOffsets_t* requests[] = {request.get()};
  const int patience_ms = std::min(options_.request_timeout_ms, kGroupOffsetsTimeoutMs);
  ASSIGN_OR_RETURN(const EventPtr event, AskCoordinator("offsets of a group cannot be listed", patience_ms, [&](auto* client, auto* queue) {
    ASSIGN_OR_RETURN(const AdminOptionsPtr options, MakeOptions(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, kAnHourMs));
    const ErrorPtr error(rd_kafka_AdminOptions_set_require_stable_offsets(options.get(), 1));
    RETURN_IF_ERROR(KafkaError(error.get(), "stable offsets"));
    rd_kafka_ListConsumerGroupOffsets(client, requests, 1, options.get(), queue);
    return Status::Ok();
  }));
  return GroupOffsetsIn(event.get(), group);
}

Result<std::vector<Member>> KafkaAdmin::Members(const std::string& group, const std::string& topic) {
  const int patience_ms = std::min(options_.request_timeout_ms, kMembersTimeoutMs);
  const char* groups[] = {group.c_str()};
  ASSIGN_OR_RETURN(const EventPtr event, AskCoordinator("members of a group cannot be listed", patience_ms, [&](auto* client, auto* queue) {
    ASSIGN_OR_RETURN(const AdminOptionsPtr options, MakeOptions(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, kAnHourMs));
    rd_kafka_DescribeConsumerGroups(client, groups, 1, options.get(), queue);
    return Status::Ok();
  }));
  return MembersIn(event.get(), group, topic);
}

/// A question to a group's coordinator must not time out while librdkafka 2.15.1 looks for one: it answers when it has found one after
/// all, though nothing is left of the question (rd_kafka_admin_coord_request, rd_kafka_coord_req_fail), and crashes. So it is asked only
/// with contact to some broker, may take as long as it will, and is left alone when nobody wants to wait any longer. Nor does a client
/// forget a coordinator that has left the cluster since, or says that it is none any more: it goes on asking that one (rd_kafka_coord_req_fsm,
/// rd_kafka_handle_OffsetFetch). So what fails is asked anew by another client.
Result<EventPtr> KafkaAdmin::AskCoordinator(const char* what, int patience_ms, const Call& ask) {
  ASSIGN_OR_RETURN(const auto client, CoordinatorClient());
  RETURN_IF_ERROR(FetchMetadata(client.get(), false, patience_ms).status());
  auto answer = Perform(client.get(), what, patience_ms, ask);
  if (answer.status().retryable()) Replace(client);
  return answer;
}

Result<std::shared_ptr<rd_kafka_t>> KafkaAdmin::CoordinatorClient() {
  const std::scoped_lock lock(mutex_);
  if (!coordinator_client_) {
    ASSIGN_OR_RETURN(coordinator_client_, MakeClient(RD_KAFKA_CONSUMER, options_, AdminSettings(options_), {}));
    coordinator_client_made_ = std::chrono::steady_clock::now();
  }
  return coordinator_client_;
}

/// One that was made a moment ago may be given another chance: a coordinator may be loading, a transaction being committed.
void KafkaAdmin::Replace(const std::shared_ptr<rd_kafka_t>& client) {
  const std::scoped_lock lock(mutex_);
  const bool new_made = std::chrono::steady_clock::now() - coordinator_client_made_ < kLeastClientLife;
  if (coordinator_client_ == client && !new_made) coordinator_client_.reset();
}

Result<EventPtr> KafkaAdmin::Perform(rd_kafka_t* client, const char* what, int patience_ms, const Call& ask) const {
  const QueuePtr queue(rd_kafka_queue_new(client));
  RETURN_IF_ERROR(ask(client, queue.get()));
  EventPtr event(rd_kafka_queue_poll(queue.get(), patience_ms));
  if (!event) return RequestError(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  const auto error = rd_kafka_event_error(event.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
  return RequestError(error, what, rd_kafka_event_error_string(event.get()));
}

}  // namespace catwalk::streams
