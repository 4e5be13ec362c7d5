#include "apps/replay/patience.h"

#include <algorithm>
#include <string>

namespace catwalk::apps {
namespace {

constexpr std::chrono::microseconds kFirstPause{1'000};
constexpr std::chrono::microseconds kLongestPause{50'000};

}  // namespace

Status RetryWhileBusy(const std::function<Status()>& attempt, std::chrono::milliseconds limit,
                      const std::stop_token& stop, const Clock& clock,
                      const std::function<void(std::chrono::microseconds, std::stop_token)>& wait) {
  const int64_t give_up_us = clock.SteadyUs() + std::chrono::microseconds(limit).count();
  auto pause = kFirstPause;
  while (true) {
    Status status = attempt();
    if (status.code() != Code::kBackpressure) return status;
    if (stop.stop_requested()) return status.WithPrefix("stopped while waiting");
    if (clock.SteadyUs() >= give_up_us)
      return {Code::kTimeout, "nothing was taken for " + std::to_string(limit.count() / 1000) +
                                  " s (" + status.message() + "); is catwalk run at work?"};
    wait(pause, stop);
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace catwalk::apps
