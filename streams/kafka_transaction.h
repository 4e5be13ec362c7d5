#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/status.h"
#include "schemas/record.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"
#include "streams/kafka_producer.h"

namespace catwalk::streams {

/// The producing half of a worker: one transaction after another under one transactional id. One thread; `clock` must
/// outlive it. Waits are bounded by the transaction timeout, or by what LimitWaits says.
class KafkaTransaction {
 public:
  static Result<std::unique_ptr<KafkaTransaction>> Open(const KafkaOptions& options, const std::string& id,
                                                        const Clock& clock);
  /// Drops what is still open, as far as the broker answers at once; the next Init of this id drops the rest.
  ~KafkaTransaction();

  /// Takes the id over: a predecessor is fenced, what it left open is aborted, what it was committing is committed.
  Status Init();

  bool open() const { return open_; }
  Status Begin();
  /// Waits while the queue is full. `changelog`: the offset it gets is remembered.
  Status Produce(const schemas::OutgoingRecord& record, bool changelog);
  /// Returns when everything produced is with the brokers: abortable if something is not. Without it the next step
  /// waits ten times as long, as it does not hurry the client.
  Status Deliver();
  /// Fatal if a group's coordinator does not answer within the time a revocation may take.
  Status SendOffsets(const rd_kafka_topic_partition_list_t& offsets, const rd_kafka_consumer_group_metadata_t& member);
  /// A commit the broker does not answer is fatal: only a new Init can tell how it ended.
  Status Commit();
  /// Drops what was produced; does nothing if no transaction is open, or if it may be committed by now. Where a record may be with the
  /// broker without its answer the client is replaced; fatal if the new one cannot take over.
  Status Abort();

  /// The offset after the last changelog record of that partition in the transaction, committed or not, that began
  /// last.
  std::optional<int64_t> ChangelogEnd(int32_t partition) const;

  void LimitWaits(std::chrono::milliseconds limit) { patience_ = limit; }
  /// Called again and again while a commit or an abort is waited for, with the time since which nobody has looked; may call LimitWaitsUntil.
  using Look = std::function<void(std::chrono::steady_clock::time_point since)>;
  void OnWait(Look look) { look_ = std::move(look); }
  /// No wait goes on past that, but for a second of an abort; time_point::max(): as long as it may.
  void LimitWaitsUntil(std::chrono::steady_clock::time_point end) { end_ = end; }

 private:
  using Call = std::function<ErrorPtr(rd_kafka_t* client, int timeout_ms)>;

  KafkaTransaction(const KafkaOptions& options, std::string id, const Clock& clock);
  Result<std::unique_ptr<KafkaProducer>> OpenProducer();
  static void OnDelivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* transaction);
  /// For a wait that begins now: until when, and how long it may be even when the end of waits is nearer.
  struct Wait {
    std::chrono::steady_clock::time_point until, least;
  };
  Wait WaitFor(std::chrono::milliseconds least = {}) const;
  std::chrono::steady_clock::time_point EndOf(const Wait& wait) const { return std::min(wait.until, std::max(end_, wait.least)); }
  std::chrono::steady_clock::time_point Deadline() const { return EndOf(WaitFor()); }
  Status Insist(const char* what, const Wait& wait, std::chrono::milliseconds slice, const Call& call);
  Status Fatal(const char* what);
  void AwaitContact();
  Status TakeOver(const Wait& wait);
  Status Drop();
  Status ReplaceClient();

  const KafkaOptions options_;
  const std::string id_;
  const Clock& clock_;
  std::chrono::milliseconds patience_;  // for a call; also how long the broker lets a transaction be open
  const std::chrono::milliseconds look_every_;
  Look look_ = [](auto) {};
  std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::time_point::max();
  std::unique_ptr<KafkaProducer> producer_;
  bool open_ = false;
  bool undecided_ = false;  // whether the open one has been committed
  int64_t unanswered_ = 0;  // records given to the client that are not known to be with the broker
  std::chrono::steady_clock::time_point began_;  // the transaction that began last
  rd_kafka_resp_err_t failed_delivery_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::map<int32_t, int64_t> changelog_ends_;
};

}  // namespace catwalk::streams
