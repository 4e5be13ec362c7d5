#include "streams/kafka_reader.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "streams/kafka_config.h"
#include "streams/kafka_status.h"

namespace catwalk::streams {
namespace {

std::vector<std::string> TopicsOf(const Offsets& offsets) {
  std::vector<std::string> topics;
  for (const auto& [partition, offset] : offsets) {
    if (topics.empty() || topics.back() != partition.topic) topics.push_back(partition.topic);
  }
  return topics;
}

KafkaAdmin::Partitions PartitionsOf(const Offsets& offsets) {
  KafkaAdmin::Partitions partitions;
  for (const auto& [partition, offset] : offsets) partitions.push_back(partition);
  return partitions;
}

/// librdkafka 2.15.1 stops what a list is assigned over a moment later, and ends the process (rd_kafka_assignment_partition_stopped) if that
/// is given up again before. Its main thread answers in turn: by the first answer it has stopped them, by the second it knows that.
void AwaitStopped(rd_kafka_t* consumer) {
  for (int answers = 0; answers < 2; ++answers) {
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    rd_kafka_assignment(consumer, &assigned);
    const PartitionsPtr owned(assigned);
  }
}

}  // namespace

Result<std::unique_ptr<LogReader>> KafkaReader::Open(const KafkaOptions& options, KafkaAdmin& admin) {
  ASSIGN_OR_RETURN(ClientPtr consumer,
                   MakeClient(RD_KAFKA_CONSUMER, options, ReaderSettings(options), {.polled = true}));
  // Everything the client has to say comes by the one queue that is polled.
  RETURN_IF_ERROR(KafkaError(rd_kafka_poll_set_consumer(consumer.get()), "kafka reader"));
  return std::unique_ptr<LogReader>(new KafkaReader(std::move(consumer), admin));
}

KafkaReader::KafkaReader(ClientPtr consumer, KafkaAdmin& admin)
    : admin_(admin), consumer_(std::move(consumer)), fetcher_(consumer_.get()), sources_({}) {}

KafkaReader::~KafkaReader() { rd_kafka_assign(consumer_.get(), nullptr); }

Status KafkaReader::Assign(const Offsets& from) {
  ASSIGN_OR_RETURN(const Offsets first, admin_.ListOffsets(PartitionsOf(from), OffsetKind::kFirst,
                                                           Isolation::kReadCommitted));
  KafkaSources sources(TopicsOf(from));
  const PartitionsPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(from.size())));
  for (const auto& [partition, offset] : from) {
    KafkaSource& source = sources.Make(sources.TopicIndex(partition.topic), partition.partition);
    const auto begin = first.find(partition);
    source.position = std::max(offset, begin == first.end() ? 0 : begin->second);
    source.started = true;
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)->offset =
        source.position;
  }
  sources_ = std::move(sources);
  const auto error = rd_kafka_assign(consumer_.get(), list.get());
  AwaitStopped(consumer_.get());
  return KafkaError(error, "kafka reader");
}

Status KafkaReader::Poll(std::chrono::milliseconds max_wait, size_t max_bytes, std::vector<schemas::Record>* out) {
  return fetcher_.Poll(max_wait, max_bytes, std::numeric_limits<size_t>::max(), &sources_, out);
}

int64_t KafkaReader::Position(const schemas::TopicPartition& partition) const {
  const KafkaSource* source = sources_.Find(sources_.TopicIndex(partition.topic), partition.partition);
  return source == nullptr ? 0 : source->position;
}

}  // namespace catwalk::streams
