#pragma once

#include <cstdint>
#include <map>
#include <mutex>

namespace catwalk::streams {

/// Which worker of this process may touch the state of which task: it passes from one to the other only when the one has
/// let go. Who is no worker and touches it nevertheless has a number below 0, and holds a lease for a moment only. One per
/// sub-topology; safe from any thread.
class LeaseTable {
 public:
  static constexpr int kCleaner = -1, kStandby = -2;

  /// True if `worker` has the lease now.
  bool TryAcquire(int32_t partition, int worker) {
    const std::scoped_lock lock(mutex_);
    return holders_.emplace(partition, worker).first->second == worker;
  }
  /// It is not an error if `worker` does not have it.
  void Release(int32_t partition, int worker) {
    const std::scoped_lock lock(mutex_);
    const auto found = holders_.find(partition);
    if (found != holders_.end() && found->second == worker) holders_.erase(found);
  }
  /// True if some worker of this process has it.
  bool IsHeld(int32_t partition) const {
    const std::scoped_lock lock(mutex_);
    const auto found = holders_.find(partition);
    return found != holders_.end() && found->second >= 0;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int32_t, int> holders_;
};

/// Holds a lease, if it was to be had, for as long as it lives.
class Lease {
 public:
  Lease(LeaseTable& leases, int32_t partition, int worker)
      : leases_(leases), partition_(partition), worker_(worker), held_(leases.TryAcquire(partition, worker)) {}
  ~Lease() {
    if (held_) leases_.Release(partition_, worker_);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  bool held() const { return held_; }

 private:
  LeaseTable& leases_;
  const int32_t partition_;
  const int worker_;
  const bool held_;
};

}  // namespace catwalk::streams
