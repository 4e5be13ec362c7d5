#pragma once

#include <prometheus/registry.h>

#include <memory>
#include <stop_token>
#include <string>

#include "apps/memory_guard.h"
#include "apps/settings.h"
#include "base/clock.h"
#include "serve/http_server.h"
#include "serve/interfaces.h"
#include "state/database.h"
#include "streams/log.h"
#include "streams/runner.h"
#include "streams/topology.h"

namespace catwalk::apps {

/// The whole program at work: state, log, topology, runner and HTTP, bound to each other. Used by `run` and `demo`.
class Pipeline {
 public:
  /// Opens everything. `clock` must outlive it. On the embedded log missing topics are made; on Kafka that is an error
  /// that says how to make them.
  static Result<std::unique_ptr<Pipeline>> Open(const Settings& settings, const Clock& clock);
  ~Pipeline();

  /// Serves HTTP at ADDR:PORT (port 0: a free one); returns the address it got. Before Start, which tells others of it.
  Result<std::string> Serve(const std::string& address);
  /// Starts processing.
  void Start();

  streams::Runner& runner() { return *runner_; }
  streams::Log& log() { return *log_; }
  serve::Queries& queries() { return *queries_; }
  prometheus::Registry& registry() { return *registry_; }
  const schemas::TopicNames& names() const { return topology_->names(); }
  /// Stops HTTP, then the runner: commits, hands tasks over. Idempotent.
  void Stop();

 private:
  explicit Pipeline(const Clock& clock) : clock_(clock) {}
  Status OpenLog(const Settings& settings);

  std::string advertised_;  // HOST:PORT where others reach this process; empty: they do not

  const Clock& clock_;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();  // as prometheus-cpp has it
  std::unique_ptr<state::Database> database_;
  std::unique_ptr<MemoryGuard> memory_guard_;
  std::unique_ptr<streams::Log> log_;
  std::unique_ptr<streams::Topology> topology_;
  std::unique_ptr<streams::Runner> runner_;
  std::unique_ptr<serve::Queries> queries_;
  std::unique_ptr<serve::Health> health_;
  std::unique_ptr<serve::EventSink> sink_;
  std::unique_ptr<serve::HttpServer> http_;
};

/// The topology of the settings, without opening anything.
Result<streams::Topology> TopologyOf(const Settings& settings);

}  // namespace catwalk::apps
