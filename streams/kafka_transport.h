#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "state/database.h"
#include "streams/kafka_admin.h"
#include "streams/kafka_group.h"
#include "streams/kafka_log.h"
#include "streams/kafka_transaction.h"
#include "streams/transport.h"

namespace catwalk::streams {

/// One worker on Kafka: a group member that reads, and a transactional producer that writes. `database`, `clock` and
/// `admin` must outlive it. Destroyed without Stop it vanishes like a process that was killed.
///
///            first Produce, or Commit          Commit: deliver, send offsets, commit
///   idle ------------------------> in transaction ------------------------> committing
///    ^ ^      (membership is read)   |                                      |  |  |
///    | |                             | Abort                      committed |  |  | no answer, fenced:
///    | +------------- aborting <-----+                                      |  |  | fatal, make a new one
///    |                   ^                      refused: abortable          |  |
///    |                   +--------------------------------------------------|--+
///    +------------------------- state written to the database <-------------+
class KafkaTransport final : public Transport, private TransportListener {
 public:
  KafkaTransport(const KafkaOptions& kafka, const TransportOptions& options, state::Database& database,
                 const Clock& clock, KafkaAdmin& admin);
  ~KafkaTransport() override;

  /// Transactional id and member id of a worker: `<group>-<instance>-<worker>`.
  static std::string Identity(const std::string& group, const std::string& instance, int worker);

  Status Start(TransportListener& listener) override;
  Status Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out) override;
  Status StartPartition(int32_t partition, const schemas::Checkpoint& from) override;
  Status Pause(const schemas::TopicPartition& source) override;
  Status Resume(const schemas::TopicPartition& source) override;
  SourceProgress Progress(const schemas::TopicPartition& source) const override;
  Status Produce(schemas::OutgoingRecord record) override;
  Status Commit(const CommitRequest& request) override;
  Status Abort() override;
  Status Stop(bool keep_membership) override;

 private:
  void OnAssigned(std::span<const int32_t> partitions) override { listener_->OnAssigned(partitions); }
  void OnRevoked(std::span<const int32_t> partitions) override;
  void OnLost(std::span<const int32_t> partitions) override;
  void HurryIfAwaited(std::chrono::steady_clock::time_point since);
  void Hurry(std::chrono::steady_clock::time_point since);
  void TakeTime();
  Status CheckRunning() const;
  Status EnsureOpen();
  Status CheckOwnership(const CommitRequest& request);
  Status CommitTransaction(const CommitRequest& request);
  Status SendOffsets(const CommitRequest& request);
  Status WriteState(const CommitRequest& request);
  Result<int64_t> ChangelogOffset(int32_t partition);

  const KafkaOptions kafka_;
  const TransportOptions options_;
  state::Database& database_;
  const Clock& clock_;
  KafkaAdmin& admin_;
  TransportListener* listener_ = nullptr;        // as given to Start
  std::unique_ptr<KafkaTransaction> transaction_;
  std::unique_ptr<KafkaGroup> group_;
  bool hurried_ = false;                         // the group waits for what is pending
  GroupMetadataPtr membership_;                  // as of the begin of the open transaction
  std::map<int32_t, int64_t> changelog_offsets_;  // as committed last, where known
};

}  // namespace catwalk::streams
