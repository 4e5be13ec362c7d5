#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace catwalk::streams {

/// How a worker is doing, for whoever watches it from another thread.
class WorkerStatus {
 public:
  std::atomic<int64_t> tasks{0};
  std::atomic<int64_t> lag_records{0};
  std::atomic<int64_t> lag_ms{0};          // age of the record processed last; 0 when caught up
  std::atomic<bool> restoring{false};      // has tasks that do not run yet
  std::atomic<bool> assigned{false};       // has had an assignment since it started
  std::atomic<bool> settled{false};        // see Worker::Settled

  /// What has kept it from going on for more than a moment; empty: nothing.
  std::string trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
  }
  void SetTrouble(std::string_view what) {
    const std::scoped_lock lock(mutex_);
    trouble_ = what;
  }

 private:
  mutable std::mutex mutex_;
  std::string trouble_;
};

/// Tells what a worker tries again round after round: to its status, and to the log now and then. One thread.
class Trouble {
 public:
  /// `worker`: its name in the log. Until the first round that goes well, trouble is taken to go on from an earlier life.
  Trouble(WorkerStatus& status, std::string worker) : status_(status), worker_(std::move(worker)) {}

  /// What the round came to that ended at `now_us`.
  void Note(const Status& round, int64_t now_us);

 private:
  void End();

  WorkerStatus& status_;
  const std::string worker_;
  bool goes_on_ = true;           // the round before failed, or was of another worker
  int64_t since_us_ = 0;
  int64_t logged_us_ = 0;         // 0: not yet
};

}  // namespace catwalk::streams
