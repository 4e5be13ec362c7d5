#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/crash_plan.h"
#include "base/status.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "state/write_batch.h"

namespace catwalk::streams {

struct TransportOptions {
  /// The consumer group, `<app>-<sub-topology>`. Also the prefix of the checkpoint rows.
  std::string group;
  /// The co-partitioned topics to read.
  std::vector<std::string> topics;
  /// Names this process across restarts; with `worker` it makes the transactional id and the static member id.
  std::string instance;
  int worker = 0;
  /// A worker of this process had the name before, and what is left open under it is this process's own.
  bool restarted = false;
  /// HOST:PORT where this process answers queries, for other members to read; empty: it does not.
  std::string address;
  /// How many workers share the group within this process. The embedded log deals partitions out among them.
  int workers = 1;
  /// The topic that gets the changelog; empty: none. Its partition p belongs to task p.
  std::string changelog_topic;
  /// The store (state::Database::OpenStore) that holds checkpoint rows, key CheckpointKey(group, partition).
  uint32_t checkpoint_store = 0;
  /// For tests; null: none.
  CrashPlan* crash_plan = nullptr;
};

/// The key of the row that says where the stored state of a task stands.
std::string CheckpointKey(const std::string& group, int32_t partition);

/// What a task commits: where it stands, with `changelog_offset` left to the transport.
struct TaskCommit {
  int32_t partition = 0;
  schemas::Checkpoint checkpoint;
};

struct CommitRequest {
  std::vector<TaskCommit> tasks;
  /// The state changes of those tasks. The transport adds its own rows (checkpoints; the embedded log also its topics)
  /// and writes it to the database.
  state::WriteBatch* state = nullptr;
};

/// Told of changes of ownership from within Transport::Poll and Stop, on the worker's thread.
class TransportListener {
 public:
  virtual ~TransportListener() = default;
  /// The worker owns these partition numbers (of all its topics) from now on. Nothing of them is delivered before
  /// StartPartition.
  virtual void OnAssigned(std::span<const int32_t> partitions) = 0;
  /// The worker loses these partitions when this returns; it may still commit in here, for which it does not have for ever: a
  /// commit that takes too long is abortable, or fatal if it may still succeed.
  virtual void OnRevoked(std::span<const int32_t> partitions) = 0;
  /// The worker has lost them already: whatever is uncommitted must be dropped.
  virtual void OnLost(std::span<const int32_t> partitions) = 0;
};

/// How far a source (one partition of one topic) has been read, against what is known to be there.
struct SourceProgress {
  int64_t position = 0;   // the next offset Poll would deliver
  int64_t known_end = 0;  // at least the end seen when the partition was started; grows as more is seen
  bool caught_up() const { return position >= known_end; }
};

/// One worker's way in and out: records come in, results go out, and a commit makes outputs, input positions and
/// state take effect together. Used by one thread. See docs/life-of-a-record.md for a commit step by step.
///
/// Errors: retryable (call again), abortable (Abort, then go on from the last commit), fatal (give the worker up and
/// make a new one).
class Transport {
 public:
  virtual ~Transport() = default;

  /// Takes over the identity (on Kafka: fences a predecessor) and joins the group.
  virtual Status Start(TransportListener& listener) = 0;

  /// Waits up to `max_wait` and appends the records that have come. Calls the listener.
  virtual Status Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out) = 0;

  /// Starts (or, after an abort, restarts) delivery of an assigned partition number, each topic from the offset given;
  /// topics not named start at the beginning.
  virtual Status StartPartition(int32_t partition, const schemas::Checkpoint& from) = 0;
  /// Stops and restarts the delivery of one source. Records already on their way may still come.
  virtual Status Pause(const schemas::TopicPartition& source) = 0;
  virtual Status Resume(const schemas::TopicPartition& source) = 0;
  virtual SourceProgress Progress(const schemas::TopicPartition& source) const = 0;

  /// Adds a record to the transaction, which begins with the first.
  virtual Status Produce(schemas::OutgoingRecord record) = 0;
  /// Makes everything produced, the positions and the state of `request` take effect together. After an abortable error
  /// nothing has taken effect. Clears the request's batch on success.
  virtual Status Commit(const CommitRequest& request) = 0;
  /// Drops everything produced since the last commit.
  virtual Status Abort() = 0;

  /// Leaves the group: calls OnRevoked for what it owns, then hands it over, or with `keep_membership` leaves the
  /// member id to be taken up again by a quick restart. At most 5 s. Idempotent.
  virtual Status Stop(bool keep_membership) = 0;
};

}  // namespace catwalk::streams
