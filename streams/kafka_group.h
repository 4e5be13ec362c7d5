#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "streams/kafka_admin.h"
#include "streams/kafka_fetcher.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"
#include "streams/kafka_sources.h"
#include "streams/transport.h"

namespace catwalk::streams {

/// The consuming half of a worker: a static member of a consumer group that owns partition numbers (a number is owned
/// when that partition of every topic is assigned), and reads them from where it is told. One thread; the listener is
/// called from within Poll and Leave. `admin` and `listener` must outlive it.
///
/// An assigned partition is paused until StartPartition seeks. A source that its task pauses is not: its queue is only
/// cut off from the one that is polled, so what has been fetched is kept, and fetching stops when that queue is full.
class KafkaGroup {
 public:
  static Result<std::unique_ptr<KafkaGroup>> Join(const KafkaOptions& options, const TransportOptions& transport,
                                                  const std::string& member, KafkaAdmin& admin,
                                                  TransportListener& listener);
  /// Without Leave: keeps its membership, like a process that was killed, and calls nobody.
  ~KafkaGroup();

  Status Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out);
  /// Resumes paused sources of the partition number, too.
  Status StartPartition(int32_t partition, const schemas::Checkpoint& from);
  Status Pause(const schemas::TopicPartition& source);
  Status Resume(const schemas::TopicPartition& source);
  SourceProgress Progress(const schemas::TopicPartition& source) const;

  bool Owns(int32_t partition) const { return owned_.contains(partition); }
  /// The proof of membership a transaction's offsets need; abortable if the group has given this member up. Read before
  /// the check, so it never belongs to a later membership than the partitions held here do.
  Result<GroupMetadataPtr> Membership() const;
  /// True if generations pass while partitions stay (KIP-848), so a proof read when a transaction began can be too old.
  bool cooperative() const { return cooperative_; }

  /// Whether partitions are about to be taken away, which the next Poll does: to be asked where a Poll has to wait for something else.
  bool RevocationWaits();

  /// See Transport::Stop; returns within `limit`.
  Status Leave(bool keep_membership, std::chrono::milliseconds limit);

 private:
  KafkaGroup(const TransportOptions& transport, bool cooperative, KafkaAdmin& admin, TransportListener& listener);

  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t kind, rd_kafka_topic_partition_list_t* partitions,
                          void* group);
  void Rebalance(rd_kafka_resp_err_t kind, rd_kafka_topic_partition_list_t* partitions);
  void RebalanceDue();
  Status AwaitMembership(std::chrono::milliseconds limit, bool again);
  Status NotTakenIn(bool again) const;
  int Epoch() const;
  void TakeOver(rd_kafka_topic_partition_list_t* partitions);
  void GiveUp(const rd_kafka_topic_partition_list_t* partitions);
  std::vector<int32_t> Mark(const rd_kafka_topic_partition_list_t& partitions, bool assigned);
  bool Complete(int32_t partition) const;

  Status LearnEnds(int32_t partition);
  Status SetPositions(int32_t partition, const schemas::Checkpoint& from);
  Status SeekDue();
  void Release(const schemas::TopicPartition& name);
  Status SetPaused(const schemas::TopicPartition& source, bool paused);
  void Forward(const schemas::TopicPartition& source, bool forward);
  bool Depart(std::chrono::steady_clock::time_point deadline);
  bool Departed() const;
  void TellOfLoss(const std::vector<int32_t>& numbers);
  void FallSilent();
  void End(std::chrono::steady_clock::time_point deadline, bool close);
  void Close(std::chrono::steady_clock::time_point deadline);
  void ServeRebalances(std::chrono::steady_clock::time_point deadline);
  bool DropOne(int timeout_ms);

  /// How many rebalances are still answered.
  enum class Answers { kAll, kOne, kNone };

  const std::string group_;
  const bool cooperative_;
  KafkaAdmin& admin_;
  TransportListener& listener_;
  KafkaSources sources_;
  std::set<int32_t> owned_;
  bool seek_due_ = false;   // for some source
  Status callback_error_;   // of the last rebalance, for Poll to return
  bool looking_ = false;      // inside RevocationWaits
  bool rebalancing_ = false;  // inside Rebalance
  bool silent_ = false;       // the client is about to go: the listener is told nothing more
  Answers answers_ = Answers::kAll;
  rd_kafka_resp_err_t due_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // a rebalance that RevocationWaits has met, and its partitions
  PartitionsPtr due_partitions_;
  ClientPtr consumer_;
  std::unique_ptr<KafkaFetcher> fetcher_;
};

}  // namespace catwalk::streams
