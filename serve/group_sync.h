#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"
#include "serve/interfaces.h"

namespace catwalk::serve {

struct GroupSyncOptions {
  /// Bytes of events that wait or are being made durable, at most; past that, Submit refuses. Default: 32 MiB.
  uint64_t max_pending_bytes = 32ULL << 20;
  /// How long one sync may take. Default: 10 s.
  std::chrono::milliseconds sync_timeout{10'000};
};

/// Makes what many requests bring durable with one sync: while one group is being synced, the next gathers. Has a
/// thread of its own. Submit is safe from any thread.
class GroupSync {
 public:
  /// Called once per Submit, on this object's thread or from within Submit; must be quick and not throw.
  using Done = std::function<void(const Status&)>;

  GroupSync(EventSink& sink, const GroupSyncOptions& options);
  /// Ends within a fraction of a second even if a sync hangs; what is pending is answered with kUnavailable.
  ~GroupSync();
  GroupSync(const GroupSync&) = delete;
  GroupSync& operator=(const GroupSync&) = delete;

  /// Appends the records, all or none, and calls `done` when they are durable or will not be. kBackpressure: nothing
  /// was taken.
  void Submit(std::vector<schemas::OutgoingRecord> records, Done done);

 private:
  struct Submission {
    std::vector<schemas::OutgoingRecord> records;
    uint64_t bytes = 0;
    Done done;
  };

  void Run(const std::stop_token& stop);
  void Process(std::vector<Submission> group, const std::stop_token& stop);
  Status Sync(const std::stop_token& stop);
  void Finish(const Submission& submission, const Status& status);

  EventSink& sink_;
  const GroupSyncOptions options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Submission> waiting_;  // guarded by mutex_
  uint64_t pending_bytes_ = 0;       // guarded by mutex_
  std::jthread thread_;
};

}  // namespace catwalk::serve
