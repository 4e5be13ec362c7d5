#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "models/design_table.h"
#include "schemas/topics.h"
#include "state/database.h"
#include "streams/log.h"

namespace catwalk::streams {

/// The process's copy of the global tables (design-factors, model, designs), kept up to date by one thread that calls Step.
/// Readers pin a version with Current, from any thread. On a remote log the latest record per key is kept in `database`
/// with the offset reached, so that a restart reads only what is new.
class Replica {
 public:
  struct Options {
    models::DesignTableOptions tables;
    /// Milliseconds between two checkpoints. Default: 1,000.
    int64_t checkpoint_interval_ms = 1'000;
    /// Milliseconds between two versions while records keep coming. Default: 5.
    int64_t publish_interval_ms = 5;
  };

  /// Loads the checkpoint; `log`, `database` and `clock` outlive the replica.
  static Result<std::unique_ptr<Replica>> Open(const Options& options, const schemas::TopicNames& names, Log& log,
                                               state::Database& database, const Clock& clock);

  /// Reads and applies what has come, waiting up to `max_wait`.
  Status Step(std::chrono::milliseconds max_wait);
  /// True once the ends seen at Open have been reached.
  bool caught_up() const { return caught_up_.load(std::memory_order_acquire); }
  /// Records applied.
  int64_t applied() const { return applied_.load(std::memory_order_relaxed); }
  std::shared_ptr<const models::DesignTable> Current() const;
  /// Writes a checkpoint now.
  Status Checkpoint();

 private:
  Replica(const Options& options, const schemas::TopicNames& names, Log& log, state::Database& database, const Clock& clock);
  Status Load();
  void Apply(const schemas::Record& record);
  void ApplyDesign(std::string_view key, std::string_view value, bool tombstone, int64_t next_offset);
  void ApplyTo(schemas::Topic topic, std::string_view key, std::string_view value, bool tombstone, int64_t next_offset);
  void Publish();
  bool ReachedEnds() const;

  Options options_;
  schemas::TopicNames names_;
  Log& log_;
  state::Database& database_;
  const Clock& clock_;
  uint32_t store_ = 0;
  bool keeps_checkpoint_;
  std::unique_ptr<LogReader> reader_;
  Offsets ends_;
  models::DesignTableBuilder builder_;
  state::WriteBatch uncheckpointed_;
  int64_t checkpointed_ms_ = 0, published_us_ = 0;
  bool unpublished_ = false;
  std::atomic<bool> caught_up_{false};
  std::atomic<int64_t> applied_{0};
  mutable std::mutex mutex_;  // guards current_
  std::shared_ptr<const models::DesignTable> current_;
};

}  // namespace catwalk::streams
