#include "streams/kafka_fetcher.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/logging.h"
#include "streams/kafka_message.h"
#include "streams/kafka_status.h"

namespace catwalk::streams {
namespace {

constexpr size_t kChunkRecords = 1024;
constexpr size_t kMostKept = 16 * kChunkRecords;
/// What a record costs beside its bytes, so that a limit in bytes also limits tiny records.
constexpr size_t kRecordOverhead = 64;

struct Arena {
  std::shared_ptr<const std::vector<std::string>> topics;
  std::unique_ptr<char[]> bytes;
};

std::string_view CopyBytes(const void* from, size_t size, char** to) {
  if (size == 0) return {};
  std::memcpy(*to, from, size);
  const std::string_view copied(*to, size);
  *to += size;
  return copied;
}

}  // namespace

KafkaFetcher::KafkaFetcher(rd_kafka_t* consumer)
    : consumer_(consumer), queue_(rd_kafka_queue_get_consumer(consumer)), messages_(kChunkRecords) {}

KafkaFetcher::~KafkaFetcher() {
  for (rd_kafka_message_t* message : kept_) rd_kafka_message_destroy(message);
}

void KafkaFetcher::ServeCallbacks() {
  ssize_t taken = static_cast<ssize_t>(messages_.size());
  while (taken == static_cast<ssize_t>(messages_.size()) && kept_.size() < kMostKept) {
    taken = rd_kafka_consume_batch_queue(queue_.get(), 0, messages_.data(), messages_.size());
    if (taken > 0) kept_.insert(kept_.end(), messages_.begin(), messages_.begin() + taken);
  }
}

void KafkaFetcher::Forget(const std::string& topic, int32_t partition) {
  std::erase_if(kept_, [&](rd_kafka_message_t* message) {
    if (message->rkt == nullptr || message->partition != partition || rd_kafka_topic_name(message->rkt) != topic) return false;
    rd_kafka_message_destroy(message);
    return true;
  });
}

Status KafkaFetcher::Poll(std::chrono::milliseconds max_wait, size_t max_bytes, size_t max_records,
                          KafkaSources* sources, std::vector<schemas::Record>* out) {
  size_t bytes = 0;
  size_t records = 0;
  for (;;) {
    const size_t affordable = std::max<size_t>((max_bytes - bytes) / mean_bytes_, 1);
    const size_t limit = std::min({affordable, max_records - records, kChunkRecords});
    size_t count = 0;
    Status status = WaitForNews(max_wait, limit, sources, &count);
    const size_t copied = Copy(*sources, out);
    if (!wanted_.empty()) mean_bytes_ = copied / wanted_.size();
    Release(count);
    bytes += copied;
    records += count;
    if (!status.ok() || count < limit || bytes >= max_bytes || records >= max_records) return status;
    max_wait = std::chrono::milliseconds(0);
  }
}

/// Takes chunks until one holds more than ends that are known already.
Status KafkaFetcher::WaitForNews(std::chrono::milliseconds max_wait, size_t limit, KafkaSources* sources,
                                 size_t* count) {
  const auto deadline = std::chrono::steady_clock::now() + max_wait;
  for (;;) {
    *count = Take(max_wait, limit);
    Status status = Sort(*count, sources);
    if (!status.ok() || news_ || *count == 0) return status;
    max_wait = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (max_wait.count() <= 0) return status;
    Release(*count);
  }
}

/// librdkafka's batch call waits until the batch is full, so first take what is there, else wait for one.
size_t KafkaFetcher::Take(std::chrono::milliseconds max_wait, size_t limit) {
  const auto take = [this](int timeout_ms, size_t from, size_t size) -> size_t {
    const ssize_t taken = rd_kafka_consume_batch_queue(queue_.get(), timeout_ms, messages_.data() + from, size);
    return taken > 0 ? static_cast<size_t>(taken) : 0;
  };
  size_t count = std::min(limit, kept_.size());
  std::copy_n(kept_.begin(), count, messages_.begin());
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
  if (count == 0) count = take(0, 0, limit);
  if (count > 0 || max_wait.count() <= 0) return count;
  count = take(static_cast<int>(max_wait.count()), 0, 1);
  if (count > 0 && limit > 1) count += take(0, 1, limit - 1);
  return count;
}

/// Notes errors and ends, and remembers which records to deliver.
Status KafkaFetcher::Sort(size_t count, KafkaSources* sources) {
  wanted_.clear();
  news_ = false;
  Status status;
  const rd_kafka_topic_t* handle = nullptr;
  size_t topic = 0;
  for (rd_kafka_message_t* message : std::span(messages_.data(), count)) {
    if (message->rkt != handle || handle == nullptr) {
      handle = message->rkt;
      topic = handle == nullptr ? sources->topics().size() : sources->TopicIndex(rd_kafka_topic_name(handle));
    }
    KafkaSource* source = sources->Find(topic, message->partition);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (Status error = NoteError(*message, source); !error.ok()) status = std::move(error);
      continue;
    }
    if (source == nullptr || !source->started || source->seek_due || message->offset < source->position) continue;
    source->position = message->offset + 1;
    source->known_end = std::max(source->known_end, source->position);
    wanted_.push_back({message, topic});
    news_ = true;
  }
  return status;
}

Status KafkaFetcher::NoteError(const rd_kafka_message_t& message, KafkaSource* source) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (source == nullptr || !source->started || source->seek_due) return Status::Ok();
    // The end may lie past control records and aborted ones, which are never delivered.
    news_ = news_ || message.offset > source->position;
    source->position = std::max(source->position, message.offset);
    source->known_end = std::max(source->known_end, source->position);
    return Status::Ok();
  }
  if (message.err == RD_KAFKA_RESP_ERR__FATAL) return FatalError(consumer_, "kafka consumer");
  const Code code = CodeOf(message.err);
  const char* detail = rd_kafka_message_errstr(&message);
  if (code == Code::kNotFound) return KafkaError(message.err, PlaceOf(message), detail, Recovery::kRetryable);
  if (code == Code::kFenced || code == Code::kUnsupported || code == Code::kCorruption || code == Code::kInvalidConfig)
    return KafkaError(message.err, PlaceOf(message), detail);
  catwalk::Log("kafka")->warn("{}: {}", PlaceOf(message), detail);  // librdkafka goes on by itself
  return Status::Ok();
}

/// Returns the bytes of what it copied, roughly.
size_t KafkaFetcher::Copy(const KafkaSources& sources, std::vector<schemas::Record>* out) const {
  if (wanted_.empty()) return 0;
  size_t bytes = 0;
  for (const Wanted& wanted : wanted_) bytes += wanted.message->key_len + wanted.message->len;
  auto arena = std::make_shared<Arena>(sources.shared_topics(), std::make_unique_for_overwrite<char[]>(bytes));
  char* end = arena->bytes.get();
  out->reserve(std::max(out->capacity(), out->size() + wanted_.size()));
  for (const auto& [message, topic] : wanted_) {
    schemas::Record& record = out->emplace_back();
    record.topic = (*arena->topics)[topic];
    record.partition = message->partition;
    record.offset = message->offset;
    record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
    record.key = CopyBytes(message->key, message->key_len, &end);
    record.value = CopyBytes(message->payload, message->len, &end);
    record.tombstone = message->payload == nullptr;
    ReadHeaders(*message, &record.headers);
    record.arena = arena;
  }
  return bytes + wanted_.size() * kRecordOverhead;
}

void KafkaFetcher::Release(size_t count) {
  for (rd_kafka_message_t* message : std::span(messages_.data(), count)) rd_kafka_message_destroy(message);
}

}  // namespace catwalk::streams
