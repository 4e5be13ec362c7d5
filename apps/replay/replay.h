#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "apps/replay/bad_lines.h"
#include "apps/replay/event_input.h"
#include "apps/replay/pacer.h"
#include "apps/replay/progress.h"
#include "apps/replay/record_sender.h"
#include "base/clock.h"
#include "base/status.h"

namespace catwalk::apps {

struct ReplayOptions {
  /// Lines (events with what goes with them) per second; 0: as fast as it goes. Default: 0.
  double rate = 0;
  /// Stops at the first bad line. Default: false.
  bool strict = false;
};

struct ReplaySummary {
  uint64_t lines = 0;      // read, bad ones included, empty ones not
  uint64_t bad_lines = 0;
  std::map<std::string, uint64_t> sent;    // records by topic
  std::map<std::string, uint64_t> broken;  // bad lines by rule
  double seconds = 0;
  bool interrupted = false;
};

/// "replayed 192,544 lines in 0.9 s (213,000/s)" and a line per topic and rule.
std::string DescribeSummary(const ReplaySummary& summary);
/// The same as one JSON object.
std::string SummaryJson(const ReplaySummary& summary);

/// Moves an input's records to a sender, in order and at a rate, and reports bad lines and progress. Whatever happens, what
/// came before is sent and durable when Run returns without error. What it is given must outlive it. One thread.
class Replay {
 public:
  Replay(const ReplayOptions& options, EventInput& input, RecordSender& sender, BadLines& bad_lines,
         ProgressPrinter& progress, const Clock& clock);

  /// Runs to the end of the input, or until `stop`. With `strict` a bad line is kInvalidArgument, after what came before
  /// it is durable.
  Result<ReplaySummary> Run(std::stop_token stop);

 private:
  Status Take(InputLine* line);
  Status WaitUntilDue(const std::stop_token& stop);
  Status Flush();
  double Seconds() const;
  void ShowProgress();

  ReplayOptions options_;
  EventInput& input_;
  RecordSender& sender_;
  BadLines& bad_lines_;
  ProgressPrinter& progress_;
  const Clock& clock_;
  int64_t start_us_;
  Pacer pacer_;
  std::vector<schemas::OutgoingRecord> batch_;
  ReplaySummary summary_;
  std::string first_bad_;
};

}  // namespace catwalk::apps
