#include "tests/chaos/topic_contents.h"

#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/clock.h"
#include "state/rocksdb_database.h"
#include "streams/embedded_log.h"
#include "streams/kafka_handles.h"

namespace catwalk::chaos {
namespace {

using std::chrono::steady_clock;
using streams::ClientPtr;
using streams::PartitionsPtr;

constexpr std::chrono::seconds kPatience{60};
constexpr int kCallMs = 10'000;

struct MessageDestroyer {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using MessagePtr = std::unique_ptr<rd_kafka_message_t, MessageDestroyer>;

void Require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

template <class T>
T Must(Result<T> result) {
  Require(result.ok(), result.status().message());
  return std::move(result).value();
}

ClientPtr MakeConsumer(const std::string& bootstrap, const std::string& group, const std::string& isolation = "read_committed") {
  rd_kafka_conf_t* const config = rd_kafka_conf_new();
  char error[512];
  for (const auto& [name, value] : std::map<std::string, std::string>{{"bootstrap.servers", bootstrap},
                                                                      {"group.id", group},
                                                                      {"isolation.level", isolation},
                                                                      {"enable.auto.commit", "false"},
                                                                      {"enable.partition.eof", "true"},
                                                                      {"fetch.wait.max.ms", "10"},
                                                                      {"check.crcs", "true"}})
    Require(rd_kafka_conf_set(config, name.c_str(), value.c_str(), error, sizeof(error)) == RD_KAFKA_CONF_OK, error);
  ClientPtr client(rd_kafka_new(RD_KAFKA_CONSUMER, config, error, sizeof(error)));
  Require(client != nullptr, error);
  rd_kafka_poll_set_consumer(client.get());
  return client;
}

std::vector<schemas::Header> HeadersOf(const rd_kafka_message_t& message) {
  std::vector<schemas::Header> headers;
  rd_kafka_headers_t* all = nullptr;
  if (rd_kafka_message_headers(&message, &all) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(all, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  return headers;
}

StoredRecord RecordOf(const rd_kafka_message_t& message) {
  StoredRecord record;
  record.offset = message.offset;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  record.key.assign(static_cast<const char*>(message.key), message.key_len);
  record.tombstone = message.payload == nullptr;
  record.value.assign(static_cast<const char*>(message.payload), message.len);
  record.headers = HeadersOf(message);
  return record;
}

TopicContents Empty(int32_t partitions) {
  TopicContents contents;
  for (const auto& spec : schemas::AllTopics()) contents[spec.topic].resize(static_cast<size_t>(PartitionsOf(spec.topic, partitions)));
  return contents;
}

PartitionsPtr AllFromTheStart(const schemas::TopicNames& names, int32_t partitions) {
  PartitionsPtr list(rd_kafka_topic_partition_list_new(64));
  for (const auto& spec : schemas::AllTopics()) {
    for (int32_t partition = 0; partition < PartitionsOf(spec.topic, partitions); ++partition)
      rd_kafka_topic_partition_list_add(list.get(), names.Of(spec.topic).c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  return list;
}

/// Where partitions end, with what is not decided on: a commit is answered before its markers are written.
std::map<schemas::TopicPartition, int64_t> EndsOf(const std::string& bootstrap, const rd_kafka_topic_partition_list_t& partitions) {
  const ClientPtr client = MakeConsumer(bootstrap, "chaos-oracle", "read_uncommitted");
  std::map<schemas::TopicPartition, int64_t> ends;
  for (int i = 0; i < partitions.cnt; ++i) {
    const char* const topic = partitions.elems[i].topic;
    const int32_t partition = partitions.elems[i].partition;
    int64_t first = 0;
    const auto error = rd_kafka_query_watermark_offsets(client.get(), topic, partition, &first, &ends[{topic, partition}], kCallMs);
    Require(error == RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_err2str(error));
  }
  return ends;
}

}  // namespace

int32_t PartitionsOf(schemas::Topic topic, int32_t partitions) {
  return schemas::SpecOf(topic).partitioning == schemas::Partitioning::kSingle ? 1 : partitions;
}

TopicContents ReadKafka(const std::string& bootstrap, const schemas::TopicNames& names, int32_t partitions) {
  const ClientPtr client = MakeConsumer(bootstrap, "chaos-oracle");
  const PartitionsPtr from = AllFromTheStart(names, partitions);
  const auto ends = EndsOf(bootstrap, *from);
  Require(rd_kafka_assign(client.get(), from.get()) == RD_KAFKA_RESP_ERR_NO_ERROR, "assigning all topics failed");
  TopicContents contents = Empty(partitions);
  std::set<schemas::TopicPartition> ended;
  const auto deadline = steady_clock::now() + kPatience;
  while (ended.size() < static_cast<size_t>(from->cnt)) {
    Require(steady_clock::now() < deadline, "the topics were not read to their ends within a minute");
    const MessagePtr message(rd_kafka_consumer_poll(client.get(), 100));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      const schemas::TopicPartition partition{rd_kafka_topic_name(message->rkt), message->partition};
      if (message->offset >= ends.at(partition)) ended.insert(partition);
      continue;
    }
    Require(message->err == RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_err2str(message->err));
    const auto topic = names.Find(rd_kafka_topic_name(message->rkt))->topic;
    contents[topic][static_cast<size_t>(message->partition)].push_back(RecordOf(*message));
  }
  rd_kafka_assign(client.get(), nullptr);
  return contents;
}

TopicContents ReadEmbedded(const std::string& folder, const schemas::TopicNames& names, int32_t partitions) {
  const SystemClock clock;
  const auto database = Must(state::OpenRocksDb({.path = folder, .read_only = true}));
  const auto log = Must(streams::OpenEmbeddedLog(*database, clock, {.cleanup_interval_ms = 0, .read_only = true}));
  TopicContents contents = Empty(partitions);
  for (auto& [topic, parts] : contents) {
    const auto ends = Must(log->EndOffsets({names.Of(topic)}, streams::Isolation::kReadCommitted));
    streams::Offsets from;
    for (const auto& [source, end] : ends) from[source] = 0;
    const auto reader = Must(log->OpenReader());
    Require(reader->Assign(from).ok(), "reading " + names.Of(topic));
    for (const auto& [source, end] : ends) {
      while (reader->Position(source) < end) {
        std::vector<schemas::Record> records;
        const Status status = reader->Poll(std::chrono::milliseconds(0), 1 << 22, &records);
        Require(status.ok() && !records.empty(), "reading " + names.Of(topic) + ": " + status.message());
        for (const auto& record : records)
          parts[static_cast<size_t>(record.partition)].push_back({record.offset, record.timestamp_ms, std::string(record.key),
                                                                  std::string(record.value), record.tombstone, record.headers});
      }
    }
  }
  return contents;
}

std::map<schemas::TopicPartition, int64_t> CommittedOnKafka(const std::string& bootstrap, const std::string& group,
                                                           const std::vector<std::string>& topics, int32_t partitions) {
  const ClientPtr client = MakeConsumer(bootstrap, group);
  const PartitionsPtr list(rd_kafka_topic_partition_list_new(16));
  for (const auto& topic : topics) {
    for (int32_t partition = 0; partition < partitions; ++partition)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  }
  const auto error = rd_kafka_committed(client.get(), list.get(), kCallMs);
  Require(error == RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_err2str(error));
  std::map<schemas::TopicPartition, int64_t> committed;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].offset >= 0) committed[{list->elems[i].topic, list->elems[i].partition}] = list->elems[i].offset;
  }
  return committed;
}

}  // namespace catwalk::chaos
