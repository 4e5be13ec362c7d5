#pragma once

#include <cstdint>

namespace catwalk {

/// The time a component sees. Only edges read it (generated_at_ms, commit intervals, latency metrics);
/// no state and no score depends on it. Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since the Unix epoch, UTC.
  virtual int64_t NowMs() const = 0;
  /// Microseconds from an arbitrary start; never goes back.
  virtual int64_t SteadyUs() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  int64_t NowMs() const override;
  int64_t SteadyUs() const override;
};

}  // namespace catwalk
