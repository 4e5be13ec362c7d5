#include "streams/rejection_breaker.h"

namespace catwalk::streams {

void RejectionBreaker::Count(int64_t records, int64_t rejected, int64_t now_us) {
  records_ += records;
  rejected_ += rejected;
  if (records_ < limit_.records) return;
  if (static_cast<double>(rejected_) > limit_.share * static_cast<double>(records_)) {
    judged_records_ = records_;
    judged_rejected_ = rejected_;
    open_until_us_ = now_us + limit_.pause_ms * 1'000;
  }
  records_ = rejected_ = 0;
}

std::string RejectionBreaker::Reason() const {
  return "stopped for " + std::to_string(limit_.pause_ms / 1'000) + " s: " + std::to_string(judged_rejected_) + " of the last " +
         std::to_string(judged_records_) + " records went to dead-letters; see what they say there and mend what sends them, or raise "
         "run.max_rejected_share";
}

}  // namespace catwalk::streams
