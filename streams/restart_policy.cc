#include "streams/restart_policy.h"

#include <algorithm>
#include <utility>

namespace catwalk::streams {

Result<std::chrono::milliseconds> RestartPolicy::After(const Status& status, int64_t began_us, int64_t now_us) {
  if (EndsTheRun(status, now_us)) return status;
  if (now_us - began_us > kSoonUs) next_pause_ = kFirstPause;
  if (status.code() == Code::kFenced) next_pause_ = std::max(next_pause_, kFencedPause);
  return std::exchange(next_pause_, std::min(2 * next_pause_, kLongestPause));
}

bool RestartPolicy::EndsTheRun(const Status& status, int64_t now_us) {
  const int64_t held_since_us = std::exchange(held_since_us_, kNotHeld);
  if (status.abortable()) return false;
  switch (status.code()) {
    case Code::kCorruption:
    case Code::kIncompatible:
    case Code::kTopicMismatch:
    case Code::kInvalidArgument:
    case Code::kInvalidConfig:
    case Code::kUnsupported:
      return true;
    case Code::kFenced:
      times_fenced_ = times_fenced_ > 0 && now_us - fenced_us_ < kSoonUs ? times_fenced_ + 1 : 1;
      fenced_us_ = now_us;
      return times_fenced_ == kMostTimesFenced;
    case Code::kIdentityHeld:
      held_since_us_ = held_since_us == kNotHeld ? now_us : held_since_us;
      return now_us - held_since_us_ > kLongestSessionUs;
    default: return false;
  }
}

}  // namespace catwalk::streams
