#include "streams/worker_status.h"

#include "base/logging.h"

namespace catwalk::streams {
namespace {

constexpr int64_t kMomentUs = 1'000'000;
constexpr int64_t kLoggedEveryUs = 10'000'000;

}  // namespace

void Trouble::Note(const Status& round, int64_t now_us) {
  if (!round.retryable()) return End();
  if (!goes_on_) since_us_ = now_us;
  goes_on_ = true;
  if (now_us - since_us_ < kMomentUs) return;
  status_.SetTrouble(round.message());
  if (logged_us_ != 0 && now_us - logged_us_ < kLoggedEveryUs) return;
  logged_us_ = now_us;
  catwalk::Log("streams")->warn("{} cannot go on and keeps trying: {}", worker_, round.message());
}

void Trouble::End() {
  if (goes_on_) status_.SetTrouble("");
  if (logged_us_ != 0) catwalk::Log("streams")->info("{} goes on", worker_);
  goes_on_ = false;
  logged_us_ = 0;
}

}  // namespace catwalk::streams
