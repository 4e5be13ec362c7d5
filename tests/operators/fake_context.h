#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "operators/operator.h"
#include "state/memory_database.h"
#include "state/write_batch.h"

namespace catwalk::operators {

/// An operator's world for tests: stores in memory, outputs in vectors, commit and abort by hand. What is emitted since the
/// last Commit is dropped by Abort. A second context over the first one's database() is the task after a restart.
class FakeContext final : public OperatorContext {
 public:
  struct Emitted {
    schemas::Topic topic;
    schemas::OutgoingRecord record;
  };
  struct Rejected {
    int64_t offset;
    std::string rule;
    std::string message;
  };

  FakeContext() : FakeContext(std::shared_ptr<state::Database>(state::MakeMemoryDatabase())) {}
  explicit FakeContext(std::shared_ptr<state::Database> database)
      : database_(std::move(database)), tables_(models::DesignTableBuilder({}).Publish()) {}

  int32_t partition() const override { return partition_; }
  int32_t partitions() const override { return partitions_; }
  int64_t stream_time_ms() const override { return stream_time_ms_; }
  int64_t now_ms() const override { return now_ms_; }
  const models::DesignTable& tables() const override { return *tables_; }
  Status Emit(schemas::Topic topic, schemas::OutgoingRecord record) override {
    emitted_.push_back({topic, std::move(record)});
    return Status::Ok();
  }
  Status Reject(const schemas::Record& record, std::string_view rule, std::string_view message) override {
    rejected_.push_back({record.offset, std::string(rule), std::string(message)});
    return Status::Ok();
  }
  void CountDropped(std::string_view rule) override { ++dropped_[std::string(rule)]; }
  void CountReset(operators::ModelPart) override { ++resets_; }
  void ObserveDrift(operators::ModelPart, double distance) override { drifts_.push_back(distance); }
  Status Adopt(std::unique_ptr<state::CommittableTable> table) override {
    adopted_.push_back(std::move(table));
    return Status::Ok();
  }
  const state::Database& database() const override { return *database_; }
  Result<uint32_t> StoreNumber(std::string_view store) const override { return database_->OpenStore(store); }

  /// Makes the changes of the tables and what was emitted take effect.
  Status Commit() {
    state::WriteBatch batch;
    for (auto& table : adopted_) table->Flush(&batch, nullptr);
    RETURN_IF_ERROR(database_->Write(batch));
    for (auto& table : adopted_) table->Committed();
    committed_ = emitted_.size();
    return Status::Ok();
  }
  void Abort() {
    for (auto& table : adopted_) table->Aborted();
    emitted_.resize(committed_);
  }
  /// Everything emitted so far, which is forgotten.
  std::vector<Emitted> TakeEmitted() {
    committed_ = 0;
    return std::exchange(emitted_, {});
  }

  std::shared_ptr<state::Database> shared_database() const { return database_; }
  const std::vector<Rejected>& rejected() const { return rejected_; }
  int resets() const { return resets_; }
  const std::vector<double>& drifts() const { return drifts_; }
  int dropped(const std::string& rule) const { return dropped_.contains(rule) ? dropped_.at(rule) : 0; }

  void set_partition(int32_t partition, int32_t partitions) {
    partition_ = partition;
    partitions_ = partitions;
  }
  void set_stream_time_ms(int64_t time_ms) { stream_time_ms_ = time_ms; }
  void set_now_ms(int64_t time_ms) { now_ms_ = time_ms; }
  void set_tables(std::shared_ptr<const models::DesignTable> tables) { tables_ = std::move(tables); }

 private:
  std::shared_ptr<state::Database> database_;  // shared with the context after a restart
  std::shared_ptr<const models::DesignTable> tables_;
  std::vector<std::unique_ptr<state::CommittableTable>> adopted_;
  std::vector<Emitted> emitted_;
  size_t committed_ = 0;  // the first of emitted_
  std::vector<Rejected> rejected_;
  std::map<std::string, int> dropped_;
  int resets_ = 0;
  std::vector<double> drifts_;
  int32_t partition_ = 0, partitions_ = 1;
  int64_t stream_time_ms_ = 0, now_ms_ = 0;
};

}  // namespace catwalk::operators
