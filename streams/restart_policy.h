#pragma once

#include <chrono>
#include <cstdint>

#include "base/status.h"

namespace catwalk::streams {

/// When a worker that has failed starts anew, and what it does not start again after. One per worker, for all its lives; one thread.
///  - The pause doubles from 0.1 to 10 s, and begins anew after a life of a minute.
///  - Damaged state and settings or topics that do not fit end the run: they are the same next time.
///  - So does being fenced three times, each within a minute of the last, as two processes with one identity fence each other. A network or a
///    broker that stood still can fence a worker that is alone with its identity, and the same one twice, but hardly again and again.
///  - So does an identity that somebody still has after longer than any session lasts: who died has it until then, who lives keeps it.
class RestartPolicy {
 public:
  /// What comes after a life from `began_us` to `now_us` (SteadyUs of a clock) that ended with this error: the pause before the next one, or
  /// the error that the run ends with.
  Result<std::chrono::milliseconds> After(const Status& status, int64_t began_us, int64_t now_us);

  static constexpr std::chrono::milliseconds kFirstPause{100}, kLongestPause{10'000};
  /// Long beside what a start takes. Of two processes with one identity the workers then take turns together, and the first that is fenced for
  /// the last time ends its process before any of the other one's is.
  static constexpr std::chrono::milliseconds kFencedPause{1'000};
  static constexpr int kMostTimesFenced = 3;
  /// Brokers let sessions last for a minute at most, unless they are told otherwise (group.consumer.max.session.timeout.ms).
  static constexpr int64_t kSoonUs = 60'000'000, kLongestSessionUs = 75'000'000;

 private:
  bool EndsTheRun(const Status& status, int64_t now_us);

  std::chrono::milliseconds next_pause_ = kFirstPause;
  int64_t fenced_us_ = 0;                // the last time
  int times_fenced_ = 0;                 // in a row
  int64_t held_since_us_ = kNotHeld;     // by whoever has the identity
  static constexpr int64_t kNotHeld = -1;
};

}  // namespace catwalk::streams
