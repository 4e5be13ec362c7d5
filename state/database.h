#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "state/key_value_store.h"
#include "state/write_batch.h"

namespace catwalk::state {

/// All stores of a process: one place, one atomic write, one budget of memory. Implementations: RocksDbDatabase
/// (durable, one per process and folder) and MemoryDatabase (tests, evaluation). Safe to call from any thread.
class Database {
 public:
  virtual ~Database() = default;

  /// The store of that name, made if it does not exist; the number names it in a WriteBatch and is valid while
  /// the database is open. Names are [a-z0-9-]+.
  virtual Result<uint32_t> OpenStore(std::string_view name) = 0;
  virtual const KeyValueStore& Store(uint32_t store) const = 0;

  /// Applies all changes or none. A later Write is never durable without an earlier one. `sync`: the changes
  /// survive a power cut when this returns; without, they survive the death of the process.
  /// kNoSpace, retryable, if the disk is nearly full: nothing was applied, free some and call again. kNoSpace, fatal,
  /// if it filled up under a write all the same: whether that was applied shows when the database is opened again.
  virtual Status Write(const WriteBatch& batch, bool sync = false) = 0;

  struct Stats {
    uint64_t disk_bytes = 0;
    uint64_t memory_bytes = 0;       // memtables and block cache
    uint64_t write_stalls = 0;       // since open
    double write_stall_seconds = 0;  // since open
  };
  virtual Stats GetStats() const = 0;

  /// How much of what they may hold the caches over this database fill at most, in [0, 1]: 1, or less where memory is short. Those
  /// of decoded values look at each commit.
  double cache_share() const { return cache_share_.load(std::memory_order_relaxed); }
  virtual void SetCacheShare(double share) { cache_share_.store(share, std::memory_order_relaxed); }

 private:
  std::atomic<double> cache_share_{1.0};
};

}  // namespace catwalk::state
