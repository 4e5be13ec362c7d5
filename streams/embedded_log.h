#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "state/database.h"
#include "streams/log.h"

namespace catwalk::streams {

class EmbeddedCleaner;
class EmbeddedJournal;

struct EmbeddedLogOptions {
  /// How often retention and compaction run, in milliseconds. Default: 60,000; 0: never.
  int64_t cleanup_interval_ms = 60'000;
  /// Bytes of a topic not yet committed by the slowest group that reads it (in its checkpoint rows, or with a transport
  /// opened since), above which Append answers kBackpressure. A topic nobody reads has no limit, and neither have
  /// transports. Known to about 1 MiB per partition. Default: 1 GiB.
  uint64_t max_backlog_bytes = 1ULL << 30;
  /// Bytes kept per partition of a topic that is not compacted; above, the oldest go early. Default: 0, no limit.
  uint64_t max_partition_bytes = 0;
  /// Memory for the newest records, so that who reads at the end does not go to the database. Default: 32 MiB; 0: none.
  uint64_t cache_bytes = 32ULL << 20;
  /// For a database opened read-only: nothing is cleaned up; what would write answers with an error. Default: false.
  bool read_only = false;
  /// Where the database is, for people. Default: "memory".
  std::string location = "memory";
};

/// Topics kept in stores of a database ("log", "log-topics"), beside the state that is computed from them: one Write
/// holds input positions, outputs and state, so a commit is atomic. Offsets are allotted under the lock that writes, so
/// a reader never passes one that appears later. What a group has committed is its checkpoint rows, in store
/// "checkpoints" (kCheckpointStore). For one process; database and clock must outlive it. See Log.
///
/// Damaged records are refused by whoever reads them: kCorruption, naming topic, partition and offset.
class EmbeddedLog final : public Log {
 public:
  /// Makes the stores if they are not there (kNotFound if the database is read-only), writes nothing else.
  static Result<std::unique_ptr<EmbeddedLog>> Open(state::Database& database, const Clock& clock,
                                                   const EmbeddedLogOptions& options);
  /// Waits for a clean-up that is running.
  ~EmbeddedLog() override;

  std::string Describe() const override;
  bool needs_changelog() const override { return false; }
  Result<std::unique_ptr<Transport>> OpenTransport(const TransportOptions& options) override;
  Result<std::unique_ptr<LogReader>> OpenReader() override;
  Result<std::unique_ptr<LogWriter>> OpenWriter() override;
  Result<std::map<std::string, TopicState>> ListTopics() override;
  /// kTopicMismatch if it exists with another number of partitions.
  Status CreateTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) override;
  /// Both isolations see the same end: nothing uncommitted is in the log.
  Result<Offsets> EndOffsets(const std::vector<std::string>& topics, Isolation isolation) override;
  Result<Offsets> BeginOffsets(const std::vector<std::string>& topics) override;
  Result<Offsets> CommittedOffsets(const std::string& group, const std::vector<std::string>& topics) override;

  /// Runs retention and compaction now. See EmbeddedCleaner.
  Status CleanUp();

 private:
  EmbeddedLog(const EmbeddedLogOptions& options, std::unique_ptr<EmbeddedJournal> journal);
  void CleanUpAtIntervals(const std::stop_token& stop);
  Status RefuseIfReadOnly() const;

  const EmbeddedLogOptions options_;
  const std::unique_ptr<EmbeddedJournal> journal_;
  std::mutex cleanup_mutex_;
  const std::unique_ptr<EmbeddedCleaner> cleaner_;  // guarded by cleanup_mutex_
  std::jthread cleanup_;
};

/// EmbeddedLog::Open, for those who need no more than a Log.
Result<std::unique_ptr<Log>> OpenEmbeddedLog(state::Database& database, const Clock& clock,
                                             const EmbeddedLogOptions& options);

}  // namespace catwalk::streams
