#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crash_plan.h"
#include "state/database.h"
#include "streams/lease_table.h"
#include "streams/log.h"
#include "streams/metrics.h"
#include "streams/rejection_breaker.h"
#include "streams/restorer.h"
#include "streams/task.h"
#include "streams/topology.h"
#include "streams/worker_status.h"

namespace catwalk::streams {

/// What all workers of a sub-topology share. Borrowed; outlives them.
struct WorkerEnvironment {
  const Topology& topology;
  const SubTopology& sub;
  std::map<std::string, TopicState> topics;
  Log& log;
  state::Database& database;
  const Clock& clock;
  WorkerMetrics& metrics;
  LeaseTable& leases;
  /// The global tables as they are now.
  std::function<TablesVersion()> tables;
  std::map<std::string, uint32_t> stores;  // declared name to number in `database`
  uint32_t checkpoint_store = 0;
  /// Names this process across restarts.
  std::string instance;
  /// HOST:PORT where this process answers queries; empty: it does not.
  std::string address;
  /// This is not the worker's first life in this process.
  bool restarted = false;
  /// For tests; null: none.
  CrashPlan* crash_plan = nullptr;
};

/// Opens the stores that the tasks of a sub-topology declare; their numbers by declared name.
Result<std::map<std::string, uint32_t>> OpenStores(const SubTopology& sub, state::Database& database);

/// One thread's share of a sub-topology: one transport and the tasks assigned to it. Polls, processes, commits; an abortable
/// error costs a retry from the last commit, a fatal one, or the fifth abortable one without a commit in between, is returned and the
/// worker must be made anew.
class Worker final : private TransportListener {
 public:
  /// `status` outlives the worker.
  static Result<std::unique_ptr<Worker>> Start(const WorkerEnvironment& environment, int index, WorkerStatus& status);
  ~Worker() override;

  /// One round: waits up to `max_wait` for something to do.
  Status Step(std::chrono::milliseconds max_wait);

  /// All that is known to be there has been processed, what was pending is published, and everything is committed.
  bool Settled() const;
  /// From now on positions are committed past transaction markers too, so that the group's positions reach the ends.
  void SetDraining();

  /// Commits, hands its tasks over and leaves the group. Idempotent.
  Status Stop(bool keep_membership);

 private:
  Worker(const WorkerEnvironment& environment, int index, WorkerStatus& status, std::unique_ptr<Transport> transport);

  void OnAssigned(std::span<const int32_t> partitions) override;
  void OnRevoked(std::span<const int32_t> partitions) override;
  void OnLost(std::span<const int32_t> partitions) override;

  Status Round(std::chrono::milliseconds max_wait);
  std::chrono::milliseconds WaitTime(std::chrono::milliseconds max_wait) const;
  void Route();
  Status StartTasks();
  Status Launch(int32_t partition, const schemas::Checkpoint& from);
  Status Work();
  Status ProcessTasks();
  Status PublishWhenIdle();
  Status ApplyBackpressure();
  Status CheckBreaker();
  bool CommitDue() const;
  int64_t CommitIntervalUs() const;
  bool Drained() const;
  Status Commit();
  Status AbortAndRewind(const Status& why);
  void AbortAndDrop(std::span<const int32_t> partitions);
  void Drop(std::span<const int32_t> partitions);
  void Observe(const Task& committed);
  bool Restoring() const { return !starting_.empty() || restorer_.active(); }
  void ReportStatus();
  TaskEnvironment TaskView();

  /// What has been processed since the last commit or abort.
  struct Uncommitted {
    bool any() const { return since_us != 0; }
    int64_t since_us = 0;   // when the first of it was taken
    int64_t records = 0;
    TablesVersion tables;   // that all of it is processed with
  };

  WorkerEnvironment environment_;
  int index_;
  WorkerStatus& status_;
  Trouble trouble_;
  std::unique_ptr<Transport> transport_;
  Restorer restorer_;
  RejectionBreaker breaker_;
  std::set<int32_t> starting_;                        // assigned, waiting for the lease
  std::map<int32_t, std::unique_ptr<Task>> tasks_;    // running
  std::vector<schemas::Record> polled_;
  state::WriteBatch changes_;                         // of one commit; kept for its buffer
  Uncommitted uncommitted_;
  int64_t last_timestamp_ms_ = 0;                     // of the record processed last
  int64_t reported_us_ = 0;
  bool settled_ = false;                              // idle work is done since the last record
  int aborts_in_a_row_ = 0;                           // since the last commit
  Status revocation_;                                 // what a commit in one came to, if the worker cannot go on after it
  bool held_up_ = false;                              // by the breaker
  bool draining_ = false;
  bool stopped_ = false;
  bool closing_ = false;
};

}  // namespace catwalk::streams
