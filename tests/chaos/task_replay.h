#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operators/operator.h"
#include "tests/chaos/map_database.h"

namespace catwalk::chaos {

/// One thing a task has sent.
struct Output {
  schemas::Topic topic;
  schemas::OutgoingRecord record;
};

/// A sub-topology as the oracle knows it.
struct SubTopology {
  std::string name;
  std::vector<schemas::Topic> sources;
  schemas::Topic changelog;
  int event_time_field;   // 0: the record's timestamp
  int32_t partitions;
  std::function<std::unique_ptr<operators::Pipeline>()> make_pipeline;
};

std::vector<SubTopology> SubTopologies(const schemas::TopicNames& names, int32_t partitions);

/// Does again what one task did: the same operators, record by record, over maps. Throws if an operator fails.
class TaskReplay final : public operators::OperatorContext {
 public:
  /// What it is given outlives it. Stores are named as in a state folder: sub-topology, dash, store.
  TaskReplay(const SubTopology& sub, int32_t partition, MapDatabase& database);

  /// The next record, with the tables as the task saw them.
  void Take(const schemas::Record& record, std::shared_ptr<const models::DesignTable> tables);
  /// The task committed here. Everything is published that could be, so what the task published at a slower pace is among it.
  void EndCommit();
  const std::vector<Output>& outputs() const { return outputs_; }

  int32_t partition() const override { return partition_; }
  int32_t partitions() const override { return sub_.partitions; }
  int64_t stream_time_ms() const override { return stream_time_ms_; }
  int64_t now_ms() const override { return 0; }
  const models::DesignTable& tables() const override { return *tables_; }
  Status Emit(schemas::Topic topic, schemas::OutgoingRecord record) override;
  Status Reject(const schemas::Record& record, std::string_view rule, std::string_view message) override;
  void CountDropped(std::string_view /*rule*/) override {}
  void CountReset(operators::ModelPart /*part*/) override {}
  void ObserveDrift(operators::ModelPart /*part*/, double /*distance*/) override {}
  Status Adopt(std::unique_ptr<state::CommittableTable> table) override;
  const state::Database& database() const override { return database_; }
  Result<uint32_t> StoreNumber(std::string_view store) const override;

 private:
  const SubTopology& sub_;
  const int32_t partition_;
  MapDatabase& database_;
  std::unique_ptr<operators::Pipeline> pipeline_;
  std::vector<std::unique_ptr<state::CommittableTable>> adopted_;
  std::shared_ptr<const models::DesignTable> tables_;
  std::vector<Output> outputs_;
  int64_t stream_time_ms_ = 0;
};

}  // namespace catwalk::chaos
