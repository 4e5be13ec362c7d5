#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "schemas/record.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"
#include "streams/kafka_producer.h"
#include "streams/log.h"

namespace catwalk::streams {

/// Appends by an idempotent producer; a thread of its own takes the delivery reports. Safe to call from any thread.
///
/// Appends between two calls of Sync make an epoch; a Sync waits for its own epoch and those before, so appends of
/// others meanwhile do not hold it up. A delivery that failed is reported by every Sync that runs at the time or is the
/// next to begin, whoever appended the record. What an Append that fails for another reason than backpressure had
/// taken, stays.
///
/// A record is stored when a broker has said at which offset. An idempotent client reports without one what it infers to
/// be stored because what it sent later is, which is not so where a partition's leader has moved and knew nothing of the
/// client; where it cannot go on it ends. In both cases the record is written again, if need be by a new client: a topic may
/// then have it twice, or after one that was appended later.
class KafkaWriter final : public LogWriter {
 public:
  static Result<std::unique_ptr<LogWriter>> Open(const KafkaOptions& options, const Clock& clock);
  ~KafkaWriter() override;

  Status Append(std::vector<schemas::OutgoingRecord> records) override;
  Status Sync(std::chrono::milliseconds timeout) override;

 private:
  /// Appended as part of an epoch.
  struct Appended {
    schemas::OutgoingRecord record;
    uint64_t epoch;
  };

  KafkaWriter(const KafkaOptions& options, const Clock& clock) : options_(options), clock_(clock) {}
  Status OpenProducer();
  static void OnDelivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* writer);
  Result<uint64_t> Reserve(int64_t records, int64_t bytes);
  void Settle(uint64_t epoch, int64_t records, int64_t bytes, const Status& status);
  void Serve(const std::stop_token& stop);
  Status Produce(schemas::OutgoingRecord& record, uint64_t epoch);
  void PutAside(Appended appended);
  std::vector<Appended> TakeAgain();
  Status Recover();
  void WriteAgain(std::vector<Appended> records);
  Status Ended() const;

  const KafkaOptions options_;
  const Clock& clock_;

  std::mutex producer_mutex_;  // guards what follows; only server_ replaces the producer
  std::unique_ptr<KafkaProducer> producer_;
  QueuePtr reports_;

  std::mutex mutex_;  // guards what follows
  std::vector<Appended> again_;  // to be written again
  std::condition_variable settled_;
  uint64_t epoch_ = 0;
  std::map<uint64_t, int64_t> outstanding_;  // records on their way, by epoch; no zeros
  int64_t bytes_in_flight_ = 0;
  int64_t failures_ = 0;
  int64_t reported_ = 0;  // of failures_, those that some Sync has returned
  Status last_failure_;

  std::jthread server_;
};

}  // namespace catwalk::streams
