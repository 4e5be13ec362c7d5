#pragma once

#include <cstdint>
#include <map>
#include <mutex>

namespace catwalk::streams {

/// Which worker of this process may touch the state of which task: it passes from one to the other only when the one has
/// let go. One per sub-topology; safe from any thread.
class LeaseTable {
 public:
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
    return holders_.contains(partition);
  }

 private:
  mutable std::mutex mutex_;
  std::map<int32_t, int> holders_;
};

}  // namespace catwalk::streams
