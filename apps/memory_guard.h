#pragma once

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>

#include "state/database.h"

namespace catwalk::apps {

/// Keeps the process below a ceiling of memory: near it the caches over the database are told to hold less and the allocator returns
/// what it has no use for; where there is room again they may hold more. What else there is has bounds of its own.
class MemoryGuard {
 public:
  /// Looks five times a second, and for what is free twenty times, on a thread of its own. Database and registry outlive it.
  MemoryGuard(uint64_t ceiling_bytes, state::Database& database, prometheus::Registry& registry);

 private:
  void Watch(const std::stop_token& stop);
  void Look();
  uint64_t NeededMemory() const;
  void ReturnFreeMemoryIfUrgent() const;
  void WarnIfNothingIsLeft(uint64_t resident_bytes);

  const uint64_t ceiling_bytes_;
  state::Database& database_;
  prometheus::Gauge& resident_;
  prometheus::Gauge& share_;
  int looks_since_warning_;
  int looks_to_follow_ = 0;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

/// The share of what they may hold that caches are given next, in [1/64, 1]: less above 85 hundredths of the ceiling, slowly more below
/// 81, the same in between. `ceiling_bytes` 0: none.
double NextCacheShare(double share, uint64_t resident_bytes, uint64_t ceiling_bytes);

}  // namespace catwalk::apps
