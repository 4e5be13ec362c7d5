#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "apps/demo/fashion_week.h"
#include "apps/demo/list_watcher.h"
#include "apps/demo/screen.h"
#include "apps/pipeline.h"
#include "base/clock.h"
#include "base/status.h"

namespace catwalk::apps {

struct DemoOptions {
  uint64_t seed = 7;
  /// Events of the simulated week.
  int64_t events = 60'000;
  /// Events of the live part, and how many of them a second.
  int64_t live_events = 1'500;
  int64_t live_rate = 500;
};

/// The demonstration, act by act, on a pipeline that is running.
class Demo {
 public:
  Demo(const DemoOptions& options, Pipeline& pipeline, const Clock& clock, Screen& screen);

  /// The week goes by as fast as it can.
  Status PlayWeek(const std::stop_token& stop);
  /// Events at the pace of a busy shop, each timed until its list can be read.
  Status PlayLive(const std::stop_token& stop);
  /// A guest nobody knows clicks five times.
  Status PlayGuest();

 private:
  Status Send(std::vector<schemas::OutgoingRecord> records);
  Status WaitForLists(int64_t count, const std::stop_token& stop);
  Result<schemas::Recommendation> ClickAndWait(const std::string& event_id, const std::string& design_id, double* latency_ms);
  std::string TitleOf(const std::string& design_id) const;
  void Compare(const schemas::Recommendation& before, const schemas::Recommendation& after);

  DemoOptions options_;
  Pipeline& pipeline_;
  const Clock& clock_;
  Screen& screen_;
  FashionWeek week_;
  std::unique_ptr<streams::LogWriter> writer_;
  std::unique_ptr<ListWatcher> watcher_;
};

}  // namespace catwalk::apps
