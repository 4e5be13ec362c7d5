#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace catwalk::tests {

/// A clock that a test moves by hand. Safe from any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t now_ms = 1'700'000'000'000) : now_ms_(now_ms) {}
  int64_t NowMs() const override { return now_ms_; }
  int64_t SteadyUs() const override { return now_ms_ * 1000; }
  void Advance(int64_t milliseconds) { now_ms_ += milliseconds; }

 private:
  std::atomic<int64_t> now_ms_;
};

}  // namespace catwalk::tests
