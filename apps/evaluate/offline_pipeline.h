#pragma once

#include <prometheus/registry.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "apps/settings.h"
#include "base/clock.h"
#include "operators/user_query.h"
#include "state/database.h"
#include "streams/log.h"
#include "streams/stepper.h"
#include "streams/topology.h"

namespace catwalk::apps {

/// A clock that stands at the time of the event under hand.
class EventClock final : public Clock {
 public:
  int64_t NowMs() const override { return now_ms_; }
  int64_t SteadyUs() const override { return 1; }  // nothing waits
  void Set(int64_t now_ms) { now_ms_ = now_ms; }

 private:
  std::atomic<int64_t> now_ms_{0};
};

/// The whole pipeline over a log in memory with one partition, one event at a time, and its query. One thread.
class OfflinePipeline {
 public:
  /// With `publish_every` > 1 a design is published again only so many events after it changed; 1: at once.
  static Result<std::unique_ptr<OfflinePipeline>> Open(const Settings& settings, int64_t publish_every);

  /// Appends records at a time and lets every sub-topology come to rest.
  Status Take(std::vector<schemas::OutgoingRecord> records, int64_t now_ms);

  /// The state of a user, empty for one never seen.
  Result<operators::UserState> FindUser(std::string_view user_id) const;
  streams::TablesVersion tables() const { return stepper_->tables(); }
  operators::UserQuery& query() { return *query_; }

 private:
  OfflinePipeline() = default;

  EventClock clock_;
  prometheus::Registry registry_;
  std::unique_ptr<state::Database> database_;
  std::unique_ptr<streams::EmbeddedLog> log_;
  std::unique_ptr<streams::LogWriter> writer_;
  std::unique_ptr<streams::Topology> topology_;
  std::unique_ptr<streams::Stepper> stepper_;
  std::unique_ptr<operators::UserQuery> query_;
  uint32_t users_ = 0;
  int64_t taken_ = 0;
};

}  // namespace catwalk::apps
