#pragma once

#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "state/database.h"
#include "streams/lease_table.h"
#include "streams/log.h"
#include "streams/metrics.h"
#include "streams/replica.h"
#include "streams/topology.h"
#include "streams/worker.h"

namespace catwalk::streams {

/// Runs a whole topology on the calling thread, with the replica, workers and tasks that serve, round by round: what happens
/// is a function of the log and of the clock and of nothing else. For evaluation and tests; a process that serves has a
/// Runner. What it is given must outlive it.
class Stepper {
 public:
  static Result<std::unique_ptr<Stepper>> Open(const Replica::Options& replica, const Topology& topology, Log& log,
                                               state::Database& database, const Clock& clock,
                                               prometheus::Registry& registry);
  ~Stepper();

  /// Throws workers and replica away and starts new ones over what was committed.
  Status Restart();

  /// One round of the replica, then of the workers, upstream first. False if everything was at rest before and nothing came.
  Result<bool> Round();
  /// One round of the workers alone.
  Status RoundOfWorkers();
  /// Rounds until one finds everything at rest; `after_round` may move the clock, so that commits fall due. kTimeout after
  /// 100,000 rounds.
  Status Settle(const std::function<void()>& after_round = [] {});

  TablesVersion tables() const { return replica_->Current(); }
  /// kNotFound if there is no such store.
  Result<uint32_t> StoreNumber(const std::string& sub_topology, const std::string& store) const;
  /// Null if no sub-topology has that name.
  WorkerMetrics* MetricsOf(const std::string& sub_topology) const;

 private:
  struct Stage;

  Stepper(const Replica::Options& replica, const Topology& topology, Log& log, state::Database& database,
          const Clock& clock);
  Status Prepare(prometheus::Registry& registry);
  WorkerEnvironment EnvironmentOf(Stage& stage);
  double Commits() const;
  bool Settled() const;

  Replica::Options replica_options_;
  const Topology& topology_;
  Log& log_;
  state::Database& database_;
  const Clock& clock_;
  std::map<std::string, TopicState> topics_;
  uint32_t checkpoint_store_ = 0;
  std::unique_ptr<Replica> replica_;
  std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace catwalk::streams
