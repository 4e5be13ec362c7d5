#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "apps/replay/event_input.h"

namespace catwalk::apps {

/// What a progress line tells.
struct ProgressView {
  InputProgress input;
  uint64_t lines = 0;
  uint64_t bad_lines = 0;
  double seconds = 0;  // since the start
};

/// "  [██████      ]  42 %  81,234 lines  210,000/s  1 s left" within `columns` columns, for a terminal; without a known
/// total just what was done.
std::string ProgressBar(const ProgressView& view, int columns);
/// "81,234 lines, 42 %, 210,000/s, 1 s left, 3 bad", for a log.
std::string ProgressText(const ProgressView& view);
/// 1234567 as "1,234,567".
std::string WithCommas(uint64_t number);

/// Shows progress on a stream: a bar drawn again and again on a terminal, else a line every 5 s. One thread.
class ProgressPrinter {
 public:
  /// `columns` > 0: the stream is a terminal that wide.
  ProgressPrinter(std::ostream& out, int columns);

  /// True if the time has come to show something again.
  bool Due(double seconds) const { return seconds >= next_seconds_; }
  void Show(const ProgressView& view);
  /// Takes the bar away, so that something else can be printed.
  void Clear();

 private:
  std::ostream& out_;
  int columns_;
  double next_seconds_;
  bool drawn_ = false;
};

}  // namespace catwalk::apps
