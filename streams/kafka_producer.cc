#include "streams/kafka_producer.h"

#include <array>
#include <span>
#include <utility>

#include "streams/kafka_status.h"

namespace catwalk::streams {
namespace {

HeadersPtr MakeHeaders(const std::vector<schemas::Header>& headers) {
  if (headers.empty()) return nullptr;
  HeadersPtr made(rd_kafka_headers_new(headers.size()));
  for (const auto& [name, value] : headers)
    rd_kafka_header_add(made.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  return made;
}

rd_kafka_vu_t Bytes(rd_kafka_vtype_t type, const void* data, size_t size) {
  rd_kafka_vu_t argument{};
  argument.vtype = type;
  argument.u.mem.ptr = const_cast<void*>(data);
  argument.u.mem.size = size;
  return argument;
}

}  // namespace

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::Open(const KafkaOptions& options, const KafkaSettings& settings,
                                                           const KafkaCallbacks& callbacks, const Clock& clock) {
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer(clock, options.request_timeout_ms));
  ASSIGN_OR_RETURN(producer->client_, MakeClient(RD_KAFKA_PRODUCER, options, settings, callbacks));
  return producer;
}

KafkaProducer::~KafkaProducer() {
  if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Status KafkaProducer::Produce(const schemas::OutgoingRecord& record, void* tag) {
  ASSIGN_OR_RETURN(rd_kafka_topic_t* const topic, Handle(record.topic));
  HeadersPtr headers = MakeHeaders(record.headers);
  std::array<rd_kafka_vu_t, 8> arguments{};
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic;
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = record.partition;  // -1 is RD_KAFKA_PARTITION_UA: by key
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  arguments[3].u.i64 = record.timestamp_ms != 0 ? record.timestamp_ms : clock_.NowMs();
  arguments[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[4].u.ptr = tag;
  arguments[5] = Bytes(RD_KAFKA_VTYPE_KEY, record.key.data(), record.key.size());
  arguments[6] = record.tombstone ? Bytes(RD_KAFKA_VTYPE_VALUE, nullptr, 0)
                                  : Bytes(RD_KAFKA_VTYPE_VALUE, record.value.data(), record.value.size());
  arguments[7].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[7].u.headers = headers.get();
  const ErrorPtr error(rd_kafka_produceva(client_.get(), arguments.data(), headers ? 8 : 7));
  if (!error) {
    (void)headers.release();  // the client has taken them over
    return Status::Ok();
  }
  const Recovery recovery =
      rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL ? Recovery::kRetryable : Recovery::kFatal;
  return KafkaError(rd_kafka_error_code(error.get()), "topic " + record.topic, rd_kafka_error_string(error.get()),
                    recovery);
}

Result<rd_kafka_topic_t*> KafkaProducer::Handle(const std::string& topic) {
  if (last_ != nullptr && last_name_ == topic) return last_;
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    RETURN_IF_ERROR(LookUp(topic));
    TopicPtr handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    if (!handle) return KafkaError(rd_kafka_last_error(), "topic " + topic);
    found = topics_.emplace(topic, std::move(handle)).first;
  }
  last_name_ = found->first;
  last_ = found->second.get();
  return last_;
}

/// Asks for all topics, as to ask for one by name makes it where the broker is set so.
Status KafkaProducer::LookUp(const std::string& topic) {
  const rd_kafka_metadata_t* found = nullptr;
  const auto error = rd_kafka_metadata(client_.get(), 1, nullptr, &found, timeout_ms_);
  RETURN_IF_ERROR(RequestError(error, "topic " + topic));
  const MetadataPtr metadata(found);
  for (const auto& known : std::span(metadata->topics, static_cast<size_t>(metadata->topic_cnt))) {
    if (topic == known.topic && known.err == RD_KAFKA_RESP_ERR_NO_ERROR) return Status::Ok();
  }
  return KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "topic " + topic);
}

}  // namespace catwalk::streams
