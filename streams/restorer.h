#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crash_plan.h"
#include "state/database.h"
#include "streams/local_copy.h"
#include "streams/log.h"
#include "streams/metrics.h"
#include "streams/topology.h"

namespace catwalk::streams {

/// Brings the local state of tasks up to what the group has committed, by replaying the changelog from where the local copy
/// stands; all partitions of a worker side by side. Without a changelog (embedded log) the local copy is the truth.
///
/// A restore reads up to the changelog's high watermark (with what open transactions have written, so it waits for their
/// end); then the positions in the changelog must equal the group's, or the task does not start. A copy that is of no use
/// (local_copy.h), or that begins before the log does, is dropped and restored in full.
/// One per worker, one thread.
class Restorer {
 public:
  struct Options {
    std::string group;
    std::vector<std::string> sources;
    std::string changelog_topic;
    uint32_t checkpoint_store = 0;
    std::map<std::string, uint32_t> stores;  // declared name to number
    /// How long to wait for the group's positions to agree. Default: 30 s.
    int64_t agreement_timeout_ms = 30'000;
    /// For tests; null: none.
    CrashPlan* crash_plan = nullptr;
  };

  Restorer(Options options, Log& log, state::Database& database, const Clock& clock, WorkerMetrics& metrics)
      : options_(std::move(options)), log_(log), database_(database), clock_(clock), metrics_(metrics) {}

  Status Begin(const std::vector<int32_t>& partitions);
  /// The task was revoked: forget it.
  void Cancel(int32_t partition);
  bool active() const { return !pending_.empty(); }
  /// The tasks being restored.
  std::vector<int32_t> partitions() const;

  /// Replays some; returns the tasks that are ready now, and where they stand.
  using Restored = std::pair<int32_t, schemas::Checkpoint>;
  Result<std::vector<Restored>> Step(std::chrono::milliseconds max_wait);

 private:
  struct Progress {
    int64_t start = 0, end = 0;
    bool in_full = false;   // not just what the local copy lacks
    int64_t records = 0;
    int64_t began_us = 0;
    schemas::Checkpoint checkpoint;
  };

  Result<Progress> Plan(int32_t partition, const Offsets& begins, const Offsets& ends);
  LocalCopies Copies() const { return {database_, options_.group, options_.checkpoint_store, options_.stores}; }
  Status AssignReader();
  Status Replay(std::chrono::milliseconds max_wait);
  Result<std::vector<Restored>> TakeFinished();
  bool Finished(int32_t partition, const Progress& progress) const;
  Status CheckAgreement(int32_t partition, const Progress& progress, const Offsets& committed);
  void ReportProgress();
  schemas::TopicPartition Changelog(int32_t partition) const { return {options_.changelog_topic, partition}; }

  Options options_;
  Log& log_;
  state::Database& database_;
  const Clock& clock_;
  WorkerMetrics& metrics_;
  std::unique_ptr<LogReader> reader_;
  std::map<int32_t, Progress> pending_;
  int64_t reported_us_ = 0;
  int64_t ask_again_us_ = 0;  // not for the group's positions before
};

}  // namespace catwalk::streams
