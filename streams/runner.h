#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/crash_plan.h"
#include "state/database.h"
#include "streams/lease_table.h"
#include "streams/log.h"
#include "streams/metrics.h"
#include "streams/replica.h"
#include "streams/topology.h"
#include "streams/worker.h"

namespace catwalk::streams {

struct RunnerOptions {
  Replica::Options replica;
  /// Names this process across restarts; see Transport.
  std::string instance;
  /// Leave the member ids to a quick restart instead of handing tasks over. Default: false.
  bool keep_membership = false;
  /// Readiness: at most this far behind, in milliseconds. Default: 10 s.
  int64_t ready_lag_ms = 10'000;
  /// Deaths of other processes, at once, that their tasks' state is kept at hand for; see Standby. Default: 0, it is not.
  int standby = 0;
  /// For tests; null: none. Outlives the runner.
  CrashPlan* crash_plan = nullptr;
};

/// Runs a topology in this process: the replica of the global tables on one thread, and each worker and each standby on one of its
/// own. A worker that fails fatally is made anew after a pause, unless that ends the run (streams/restart_policy.h).
class Runner {
 public:
  /// Validates the topology and loads the replica. Everything borrowed outlives the runner.
  static Result<std::unique_ptr<Runner>> Open(const RunnerOptions& options, const Topology& topology, Log& log,
                                              state::Database& database, const Clock& clock,
                                              prometheus::Registry& registry);
  ~Runner();

  /// Starts all threads; no task starts before the replica has reached the ends seen at Open. `address`: HOST:PORT where
  /// this process answers queries, for others to find; empty: it does not.
  void Start(const std::string& address);
  /// Waits for a stop request or a failure that ends the run.
  Status Wait(const std::stop_token& stop);
  /// Processes what is there, stage by stage: a stage has ended when its group's positions reach the ends taken after the
  /// previous stage ended, and what was pending is published.
  Status WaitForEnd(const std::stop_token& stop);
  /// Commits, hands tasks over, ends the threads; within 5 s. Idempotent.
  void Stop();

  struct Readiness {
    bool ready = false;
    std::string reason;  // why not
  };
  Readiness Ready() const;
  /// As given to Start; empty before.
  std::string address() const;
  TablesVersion tables() const { return replica_->Current(); }
  const std::map<std::string, TopicState>& topics() const { return topics_; }
  /// Whether a task runs in this process (or is about to).
  bool Owns(const std::string& sub_topology, int32_t partition) const;
  /// The number of a sub-topology's store.
  Result<uint32_t> StoreNumber(const std::string& sub_topology, const std::string& store) const;

 private:
  /// One sub-topology at work.
  struct Stage {
    Stage(const SubTopology& of, prometheus::Registry& registry) : sub(of), metrics(registry, of.name) {}
    const SubTopology& sub;
    WorkerMetrics metrics;
    LeaseTable leases;
    std::map<std::string, uint32_t> stores;
    std::vector<std::unique_ptr<WorkerStatus>> workers;
    std::atomic<bool> draining{false};
  };

  Runner(const RunnerOptions& options, const Topology& topology, Log& log, state::Database& database, const Clock& clock,
         prometheus::Registry& registry);
  Status Prepare();
  Status FenceFormerWorkers(const Stage& stage);
  WorkerEnvironment EnvironmentOf(Stage& stage);
  void RunReplica(const std::stop_token& stop);  // and keeps the house
  void RefreshGauges();
  void DropUselessState();
  void RunStandby(const std::stop_token& stop, Stage& stage);
  void RunWorker(const std::stop_token& stop, Stage& stage, int index);
  /// One life of a worker.
  Status LiveOnce(const std::stop_token& stop, Stage& stage, int index, bool restarted);
  void Fail(const Status& status);
  Result<Offsets> Ask(const std::stop_token& stop, const std::function<Result<Offsets>()>& question);
  Status WaitForStage(const std::stop_token& stop, Stage& stage);
  bool SleepUnlessStopped(const std::stop_token& stop, std::chrono::milliseconds time);
  Status failure() const;

  RunnerOptions options_;
  const Topology& topology_;
  Log& log_;
  state::Database& database_;
  const Clock& clock_;
  std::map<std::string, TopicState> topics_;
  uint32_t checkpoint_store_ = 0;
  std::unique_ptr<Replica> replica_;
  std::vector<std::unique_ptr<Stage>> stages_;
  prometheus::Gauge& state_bytes_;
  prometheus::Gauge& memory_bytes_;
  prometheus::Gauge& stalls_;
  prometheus::Gauge& stall_seconds_;
  prometheus::Gauge& replica_records_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Status failure_;                 // guarded by mutex_
  std::string address_;            // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace catwalk::streams
