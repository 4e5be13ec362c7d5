#pragma once

#include <cstdint>
#include <string>

namespace catwalk::streams {

struct RejectionLimit {
  /// The share of records sent to dead-letters above which a worker stops for a while; 1: never. In (0, 1]. Default: 1.
  double share = 1;
  /// Records judged together. > 0. Default: 1,000.
  int64_t records = 1'000;
  /// How long it stops, in milliseconds. > 0. Default: 30 s.
  int64_t pause_ms = 30'000;
};

/// A circuit breaker (Nygard, Release It!, 2007): a producer gone wrong would else have all of its records moved to dead-letters, which
/// somebody has to bring back. What is read stays where it is in the input; after the pause one more window is tried. One thread.
class RejectionBreaker {
 public:
  explicit RejectionBreaker(const RejectionLimit& limit) : limit_(limit) {}

  /// What has been processed since the last call. With its window full it judges and starts on the next.
  void Count(int64_t records, int64_t rejected, int64_t now_us);
  /// Nothing more may be taken now.
  bool IsOpen(int64_t now_us) const { return now_us < open_until_us_; }
  /// Why, and what to do.
  std::string Reason() const;

 private:
  RejectionLimit limit_;
  int64_t records_ = 0, rejected_ = 0;              // of the window
  int64_t judged_records_ = 0, judged_rejected_ = 0;  // when it opened last
  int64_t open_until_us_ = 0;
};

}  // namespace catwalk::streams
