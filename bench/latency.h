#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/traffic.h"
#include "streams/log.h"

namespace catwalk::bench {

struct LatencyOptions {
  std::string clicks = "clicks";
  std::string recommendations = "recommendations";
  /// Events per second.
  double rate = 1000;
  /// Seconds before and during the measurement.
  double warmup_s = 5;
  double measured_s = 20;
  /// Seconds to wait for lists after the last event was sent.
  double patience_s = 15;
  TrafficOptions traffic;
};

/// Milliseconds from when an event was due to be sent (so a sender that falls behind flatters nothing) until a reader of
/// committed records has its list; of the events due after the warm-up.
struct LatencyReport {
  std::vector<double> sorted_ms;
  int64_t events = 0;    // sent, with the warm-up
  int64_t missing = 0;   // without a list, with the warm-up
  int64_t repeated = 0;  // lists beyond the first of an event
  double sent_per_s = 0;

  /// The value that a share `quantile` (0 to 1) does not exceed; 0 without any.
  double At(double quantile) const;
  /// One JSON object and a line end.
  void Print(std::ostream& out) const;
};

/// Sends clicks at their times and reads lists at once, on two threads. An event's id is the prefix and its number.
Result<LatencyReport> MeasureLatency(streams::Log& log, const LatencyOptions& options);

/// Appends one click with the id `event_id`, writes "sent" and a line end to `out`, then waits for its list; the time it
/// was seen in ms since the Unix epoch. kTimeout.
Result<int64_t> TimeOfFirstList(streams::Log& log, const LatencyOptions& options, std::chrono::seconds timeout,
                                std::ostream& out);

}  // namespace catwalk::bench
