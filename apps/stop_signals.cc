#include "apps/stop_signals.h"

#include <pthread.h>
#include <signal.h>

#include <ctime>

namespace catwalk::apps {
namespace {

sigset_t StopSet() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = StopSet();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ = std::jthread([this](const std::stop_token& done) { Listen(done); });
}

StopSignals::~StopSignals() {
  listener_.request_stop();
  listener_.join();
  const sigset_t set = StopSet();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// sigtimedwait in slices, so that the end of the program needs no signal to wake it.
void StopSignals::Listen(const std::stop_token& done) {
  const sigset_t set = StopSet();
  const timespec slice{0, 50'000'000};
  while (!done.stop_requested()) {
    if (sigtimedwait(&set, nullptr, &slice) < 0) continue;
    source_.request_stop();
    break;
  }
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);  // this thread now takes the next one, which ends the process
}

}  // namespace catwalk::apps
