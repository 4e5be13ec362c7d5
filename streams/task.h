#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crash_plan.h"
#include "operators/operator.h"
#include "schemas/internal.pb.h"
#include "state/database.h"
#include "streams/lineage_recorder.h"
#include "streams/metrics.h"
#include "streams/source_queue.h"
#include "streams/topology.h"
#include "streams/transport.h"

namespace catwalk::streams {

/// What all tasks of a worker share. Borrowed; outlives them.
struct TaskEnvironment {
  const Topology& topology;
  const SubTopology& sub;
  const std::map<std::string, TopicState>& topics;
  state::Database& database;
  /// Store name (as declared) to number in `database`.
  const std::map<std::string, uint32_t>& stores;
  Transport& transport;
  const Clock& clock;
  WorkerMetrics& metrics;
  bool changelog;  // whether state goes to the changelog topic
  CrashPlan* crash_plan = nullptr;
};

using TablesVersion = std::shared_ptr<const models::DesignTable>;  // pinned by whoever reads it

/// One partition number of a sub-topology: its input queues, its pipeline and its state. Takes its input in the order of
/// event time, keeps what it did since the last commit, and can drop it. One thread.
class Task final : public operators::OperatorContext {
 public:
  /// `from`: where the state at hand stands.
  Task(const TaskEnvironment& environment, int32_t partition, schemas::Checkpoint from);
  Status Open(TablesVersion tables);

  /// Takes a record of one of its sources.
  void Enqueue(schemas::Record record);
  /// Looks up how far its sources have been read. Call after each poll.
  void RefreshProgress();
  /// True if a record can be processed now: none of a source that is still to be read could come before it.
  bool HasWork() const;
  /// Processes up to `limit` records, which all see `tables`. Returns how many.
  Result<size_t> Process(size_t limit, const TablesVersion& tables);

  /// Lets operators publish what is due.
  Status OnTimer(bool idle, const TablesVersion& tables);
  /// Something has happened since the last commit.
  bool touched() const { return touched_; }
  uint64_t dirty_bytes() const;
  /// Moves positions past what holds no records (transaction markers at the end of a drained source). True if any moved.
  bool SkipToPositions();

  /// Produces changelog and lineage, adds the state to `batch`, and says where the task will stand.
  Status Prepare(TaskCommit* commit, state::WriteBatch* batch);
  void Committed();
  /// Forgets everything since the last commit, the queues too; the caller restarts delivery from committed().
  void Aborted();
  void Close();

  const schemas::Checkpoint& committed() const { return committed_; }
  std::vector<SourceQueue>& sources() { return sources_; }
  /// Timestamps of the records processed since the last commit, and the records produced.
  const std::vector<int64_t>& processed_timestamps() const { return processed_timestamps_; }
  int64_t produced() const { return produced_; }
  /// Records rejected since the last call.
  int64_t TakeRejected() { return std::exchange(rejected_, 0); }
  /// All sources are read to their known ends and nothing is queued.
  bool drained() const;

  // OperatorContext
  int32_t partition() const override { return partition_; }
  int32_t partitions() const override { return partitions_; }
  int64_t stream_time_ms() const override { return stream_time_ms_; }
  int64_t now_ms() const override { return now_ms_; }
  const models::DesignTable& tables() const override { return *tables_; }
  Status Emit(schemas::Topic topic, schemas::OutgoingRecord record) override;
  Status Reject(const schemas::Record& record, std::string_view rule, std::string_view message) override;
  void CountDropped(std::string_view rule) override;
  void CountReset(operators::ModelPart part) override;
  void ObserveDrift(operators::ModelPart part, double distance) override;
  Status Adopt(std::unique_ptr<state::CommittableTable> table) override;
  const state::Database& database() const override { return environment_.database; }
  Result<uint32_t> StoreNumber(std::string_view store) const override;

 private:
  int NextSource() const;
  int64_t EventTime(const schemas::Record& record) const;
  void NoteTaken(const schemas::Record& record, size_t source);
  Status Produce(schemas::OutgoingRecord record);
  Status ProduceLineage();
  schemas::OutgoingRecord ChangelogRecord(std::string key) const;
  Status ProduceCheckpoint(const schemas::Checkpoint& checkpoint);
  void ForgetUncommitted();

  TaskEnvironment environment_;
  int32_t partition_;
  int32_t partitions_;
  std::unique_ptr<operators::Pipeline> pipeline_;
  std::vector<std::unique_ptr<state::CommittableTable>> tables_of_state_;
  std::vector<SourceQueue> sources_;           // in the order of sub.sources
  std::vector<int64_t> positions_;             // next offset to process, per source
  std::vector<bool> caught_up_;                // as of the last RefreshProgress, per source
  schemas::Checkpoint committed_, pending_;
  int64_t stream_time_ms_ = 0;
  int64_t now_ms_ = 0;
  TablesVersion tables_;
  std::vector<schemas::Record> batch_;
  std::vector<int64_t> batch_times_;
  LineageRecorder lineage_;
  std::vector<int64_t> processed_timestamps_;
  int64_t produced_ = 0;
  int64_t rejected_ = 0;
  bool touched_ = false;
};

}  // namespace catwalk::streams
