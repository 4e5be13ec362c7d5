#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"
#include "schemas/topics.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"
#include "streams/log.h"

namespace catwalk::streams {

/// Which end of a partition to ask for.
enum class OffsetKind { kFirst, kEnd };

/// Looks up and makes topics and offsets. Every call waits for the broker, at most KafkaOptions::request_timeout_ms:
/// kUnavailable or kTimeout (retryable) if that was not enough. Safe to call from any thread.
class KafkaAdmin {
 public:
  /// Connects: kUnavailable if no broker answers in time.
  static Result<std::unique_ptr<KafkaAdmin>> Connect(const KafkaOptions& options);

  Result<std::map<std::string, TopicState>> ListTopics();
  /// Returns when the topic has been made and its partitions have leaders.
  Status CreateTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions);

  using Partitions = std::vector<schemas::TopicPartition>;
  /// All partitions of these topics; kNotFound if one does not exist.
  Result<Partitions> PartitionsOf(const std::vector<std::string>& topics);
  /// kFirst: the first offset there is; kEnd: the one after the last record.
  Result<Offsets> ListOffsets(const Partitions& partitions, OffsetKind kind, Isolation isolation);
  /// See Log::CommittedOffsets.
  Result<Offsets> CommittedOffsets(const std::string& group, const Partitions& partitions);
  /// See Log::Members. A group of the consumer protocol (KIP-848) tells nothing. Waits three seconds at most: who asks can go
  /// on with an older answer.
  Result<std::vector<Member>> Members(const std::string& group, const std::string& topic);

 private:
  /// Puts a question whose answer comes to the queue.
  using Call = std::function<Status(rd_kafka_t*, rd_kafka_queue_t*)>;

  explicit KafkaAdmin(const KafkaOptions& options) : options_(options) {}
  Status CheckContact();
  Result<EventPtr> Perform(rd_kafka_t* client, const char* what, int patience_ms, const Call& ask) const;
  Result<EventPtr> AskCoordinator(const char* what, int patience_ms, const Call& ask);
  Result<std::shared_ptr<rd_kafka_t>> CoordinatorClient();
  void Replace(const std::shared_ptr<rd_kafka_t>& client);
  /// For what times out by itself.
  int Patience() const { return options_.request_timeout_ms + 1000; }
  template <class Ask>
  auto AskAgain(const Ask& ask) const;
  Result<Offsets> RequestEnds(const Partitions& partitions, OffsetKind kind, Isolation isolation) const;
  Result<Offsets> RequestOffsets(const std::string& group, const Partitions& partitions);
  Status RequestTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions);
  Status AwaitTopic(const std::string& name, int32_t partitions);

  const KafkaOptions options_;
  ClientPtr client_;
  std::mutex mutex_;
  std::shared_ptr<rd_kafka_t> coordinator_client_;  // guarded by mutex_, as what follows; null: made when next asked for
  std::chrono::steady_clock::time_point coordinator_client_made_;
};

}  // namespace catwalk::streams
