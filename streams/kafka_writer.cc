#include "streams/kafka_writer.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/logging.h"
#include "streams/kafka_config.h"
#include "streams/kafka_message.h"
#include "streams/kafka_status.h"

namespace catwalk::streams {
namespace {

/// In flight at most, keys and values; well below what the client's own queue holds, so that one never fills.
constexpr int64_t kMaxBytesInFlight = 64LL << 20;
/// What the client spends on a record beside its bytes, roughly.
constexpr int64_t kRecordOverhead = 64;

int64_t Cost(size_t key, size_t value) { return static_cast<int64_t>(key + value) + kRecordOverhead; }

int64_t CostOf(const schemas::OutgoingRecord& record) {
  return Cost(record.key.size(), record.tombstone ? 0 : record.value.size());
}

void* TagOf(uint64_t epoch) { return reinterpret_cast<void*>(static_cast<uintptr_t>(epoch)); }

}  // namespace

Result<std::unique_ptr<LogWriter>> KafkaWriter::Open(const KafkaOptions& options, const Clock& clock) {
  std::unique_ptr<KafkaWriter> writer(new KafkaWriter(options, clock));
  RETURN_IF_ERROR(writer->OpenProducer());
  writer->server_ = std::jthread([self = writer.get()](const std::stop_token& stop) { self->Serve(stop); });
  return std::unique_ptr<LogWriter>(std::move(writer));
}

Status KafkaWriter::OpenProducer() {
  const KafkaCallbacks callbacks{.opaque = this, .delivered = OnDelivered, .polled = true};
  ASSIGN_OR_RETURN(auto producer, KafkaProducer::Open(options_, WriterSettings(options_), callbacks, clock_));
  reports_.reset(rd_kafka_queue_get_main(producer->client()));  // first, as none may outlive its client
  producer_ = std::move(producer);
  return Status::Ok();
}

KafkaWriter::~KafkaWriter() {
  if (!server_.joinable()) return;
  server_.request_stop();
  {
    const std::scoped_lock lock(producer_mutex_);
    rd_kafka_queue_yield(reports_.get());
  }
  server_.join();
  reports_.reset();
}

void KafkaWriter::Serve(const std::stop_token& stop) {
  constexpr int kPollMs = 1000;
  while (!stop.stop_requested()) {
    rd_kafka_poll(producer_->client(), kPollMs);
    if (const Status status = Recover(); !status.ok()) catwalk::Log("kafka")->error("{}", status.message());
  }
}

/// A client that has ended is replaced once it has reported on all it had.
Status KafkaWriter::Recover() {
  if (const Status ended = Ended(); !ended.ok()) {
    if (rd_kafka_outq_len(producer_->client()) > 0) return Status::Ok();
    catwalk::Log("kafka")->warn("{}; going on with a new producer", ended.message());
    const std::scoped_lock lock(producer_mutex_);
    RETURN_IF_ERROR(OpenProducer());
  }
  std::vector<Appended> again = TakeAgain();
  if (!again.empty()) WriteAgain(std::move(again));
  return Status::Ok();
}

std::vector<KafkaWriter::Appended> KafkaWriter::TakeAgain() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(again_, {});
}

void KafkaWriter::WriteAgain(std::vector<Appended> records) {
  const std::scoped_lock lock(producer_mutex_);
  for (auto& [record, epoch] : records) {
    const Status status = Produce(record, epoch);
    if (!status.ok()) Settle(epoch, 1, CostOf(record), status);
  }
}

/// What the client has ended by; ok if it has not.
Status KafkaWriter::Ended() const { return FatalError(producer_->client(), "kafka writer"); }

Status KafkaWriter::Append(std::vector<schemas::OutgoingRecord> records) {
  int64_t bytes = 0;
  for (const auto& record : records) bytes += CostOf(record);
  auto remaining = static_cast<int64_t>(records.size());
  ASSIGN_OR_RETURN(const uint64_t epoch, Reserve(remaining, bytes));
  const std::scoped_lock lock(producer_mutex_);
  for (auto& record : records) {
    const int64_t cost = CostOf(record);
    if (Status status = Produce(record, epoch); !status.ok()) {
      Settle(epoch, remaining, bytes, Status::Ok());
      return status;
    }
    --remaining;
    bytes -= cost;
  }
  return Status::Ok();
}

/// A client that has ended takes nothing: then the next one gets it.
Status KafkaWriter::Produce(schemas::OutgoingRecord& record, uint64_t epoch) {
  Status status = producer_->Produce(record, TagOf(epoch));
  if (status.ok() || Ended().ok()) return status;
  PutAside({std::move(record), epoch});
  return Status::Ok();
}

void KafkaWriter::PutAside(Appended appended) {
  const std::scoped_lock lock(mutex_);
  again_.push_back(std::move(appended));
}

Result<uint64_t> KafkaWriter::Reserve(int64_t records, int64_t bytes) {
  const std::scoped_lock lock(mutex_);
  if (bytes_in_flight_ > 0 && bytes_in_flight_ + bytes > kMaxBytesInFlight)
    return Status(Code::kBackpressure, "too many records are on their way to the brokers; try again in a moment",
                  Recovery::kRetryable);
  bytes_in_flight_ += bytes;
  if (records > 0) outstanding_[epoch_] += records;
  return epoch_;
}

void KafkaWriter::OnDelivered(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* writer) {
  auto& self = *static_cast<KafkaWriter*>(writer);
  const auto epoch = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(message->_private));
  const bool failed = message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
  if (failed ? !self.Ended().ok() : message->offset < 0) return self.PutAside({RecordOf(*message), epoch});
  self.Settle(epoch, 1, Cost(message->key_len, message->len), KafkaError(message->err, "a record was not delivered"));
}

void KafkaWriter::Settle(uint64_t epoch, int64_t records, int64_t bytes, const Status& status) {
  const std::scoped_lock lock(mutex_);
  bytes_in_flight_ -= bytes;
  if (!status.ok()) {
    ++failures_;
    last_failure_ = status;
  }
  const auto found = outstanding_.find(epoch);
  if (found == outstanding_.end() || (found->second -= records) > 0) return;
  outstanding_.erase(found);
  settled_.notify_all();
}

Status KafkaWriter::Sync(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const uint64_t last = epoch_++;
  const int64_t reported_before = reported_;
  const bool done = settled_.wait_for(
      lock, timeout, [&] { return outstanding_.empty() || outstanding_.begin()->first > last; });
  if (failures_ > reported_before) {
    reported_ = failures_;
    return last_failure_;
  }
  if (done) return Status::Ok();
  return {Code::kTimeout, "the brokers have not stored all records within " + std::to_string(timeout.count()) +
                              " ms; check that they are up and reachable", Recovery::kRetryable};
}

}  // namespace catwalk::streams
