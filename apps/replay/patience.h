#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "base/status.h"

namespace catwalk::apps {

/// Waits up to `duration`, shorter if `stop` is requested.
inline void WaitFor(std::chrono::microseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, std::move(stop), duration, [] { return false; });
}

/// Calls `attempt` until it answers something else than kBackpressure, with growing pauses; gives up with kTimeout after
/// `limit`, or when `stop` is requested. `wait` is WaitFor but in tests.
Status RetryWhileBusy(const std::function<Status()>& attempt, std::chrono::milliseconds limit,
                      const std::stop_token& stop, const Clock& clock,
                      const std::function<void(std::chrono::microseconds, std::stop_token)>& wait = WaitFor);

}  // namespace catwalk::apps
