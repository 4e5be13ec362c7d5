#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "streams/log.h"
#include "tests/integration/installation.h"

namespace catwalk::tests {

/// Clicks e0, e1, … of 200 users in turn, and the lists that come of them, on Kafka. Fails the test if an event has two. One thread.
class ClickTraffic {
 public:
  ClickTraffic(const Installation& installation, int32_t partitions);

  int sent() const { return sent_; }
  void Send(int events);
  /// Reads the lists that have been committed.
  void Watch(std::chrono::milliseconds wait);
  /// Ten more events, and what has come in the next 20 ms: some 500 events a second.
  void Flow();
  void FlowFor(std::chrono::milliseconds time);

  bool AllHaveLists();
  /// Whether every task has made a list for an event from `event` on.
  bool AllTasksAreAt(int event) const;
  /// The longest time without a list, by task, since the last call (or since the first list).
  std::map<int32_t, std::chrono::milliseconds> TakeLongestGaps();
  /// A user of that partition.
  std::string UserOf(int32_t partition) const;

 private:
  const SystemClock clock_;
  const std::string clicks_;
  const int32_t partitions_;
  std::unique_ptr<streams::Log> log_;
  std::unique_ptr<streams::LogWriter> writer_;
  std::unique_ptr<streams::LogReader> reader_;
  int sent_ = 0;
  std::set<std::string> listed_;
  std::map<int32_t, int> latest_;
  std::map<int32_t, std::chrono::steady_clock::time_point> seen_;
  std::map<int32_t, std::chrono::milliseconds> gaps_;
};

}  // namespace catwalk::tests
