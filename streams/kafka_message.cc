#include "streams/kafka_message.h"

namespace catwalk::streams {
namespace {

std::string Bytes(const void* data, size_t size) {
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

}  // namespace

std::string PlaceOf(const rd_kafka_message_t& message) {
  if (message.rkt == nullptr) return "kafka";
  return std::string("topic ") + rd_kafka_topic_name(message.rkt) + " partition " + std::to_string(message.partition);
}

void ReadHeaders(const rd_kafka_message_t& message, std::vector<schemas::Header>* out) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    out->emplace_back(name, Bytes(value, size));
}

schemas::OutgoingRecord RecordOf(const rd_kafka_message_t& report) {
  schemas::OutgoingRecord record{.topic = rd_kafka_topic_name(report.rkt),
                                 .partition = report.partition,
                                 .key = Bytes(report.key, report.key_len),
                                 .value = Bytes(report.payload, report.len),
                                 .tombstone = report.payload == nullptr,
                                 .timestamp_ms = rd_kafka_message_timestamp(&report, nullptr),
                                 .headers = {}};
  ReadHeaders(report, &record.headers);
  return record;
}

}  // namespace catwalk::streams
