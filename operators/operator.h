#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/design_table.h"
#include "schemas/record.h"
#include "schemas/topics.h"
#include "state/store_spec.h"
#include "state/table.h"

namespace catwalk::operators {

/// A part of the model that is learned and published.
enum class ModelPart { kFactor, kBlend };

/// The outside world of an operator, made by the task that runs it. One thread.
class OperatorContext {
 public:
  virtual ~OperatorContext() = default;
  /// The task's number: that of its input partitions, and of its outputs'.
  virtual int32_t partition() const = 0;
  /// How many tasks the sub-topology has: a key belongs here if it hashes to `partition()` of these.
  virtual int32_t partitions() const = 0;
  /// The largest event time this task has processed, in ms; state, not wall clock.
  virtual int64_t stream_time_ms() const = 0;
  /// The wall clock, for generated_at_ms alone.
  virtual int64_t now_ms() const = 0;
  /// The global tables as the whole batch sees them.
  virtual const models::DesignTable& tables() const = 0;
  /// Adds a record to the running transaction. Partition -1: the task's own number if the topic is user-keyed for a user
  /// task, else by key.
  virtual Status Emit(schemas::Topic topic, schemas::OutgoingRecord record) = 0;
  /// Sends a record that must not be processed to dead-letters, with its original bytes, where it came from, the rule
  /// it breaks and a message; counts it by rule.
  virtual Status Reject(const schemas::Record& record, std::string_view rule, std::string_view message) = 0;
  /// Counts a record that is dropped on purpose ("duplicate", "late_window").
  virtual void CountDropped(std::string_view rule) = 0;
  /// Counts that a part of the model could not be made from its sums as they are and was drawn back towards its prior.
  virtual void CountReset(ModelPart part) = 0;
  /// How far a part moved from what the tables hold to what is published now, over the length of what they hold.
  virtual void ObserveDrift(ModelPart part, double distance) = 0;
  /// Adopts a table; afterwards the task flushes, commits and aborts it with the rest. `store` must be declared.
  /// See OpenTable.
  virtual Status Adopt(std::unique_ptr<state::CommittableTable> table) = 0;
  virtual const state::Database& database() const = 0;
  virtual Result<uint32_t> StoreNumber(std::string_view store) const = 0;
};

/// Opens the task's part of a declared store as a table, which the task then owns and commits. The pointer stays valid as
/// long as the task.
template <class T>
Result<state::Table<T>*> OpenTable(OperatorContext& context, const std::string& store,
                                   std::unique_ptr<const Serde<T>> serde,
                                   const typename state::Table<T>::Options& options = {}) {
  ASSIGN_OR_RETURN(const uint32_t number, context.StoreNumber(store));
  auto table = std::make_unique<state::Table<T>>(store, context.database(), number, context.partition(),
                                                 std::move(serde), options);
  auto* borrowed = table.get();
  RETURN_IF_ERROR(context.Adopt(std::move(table)));
  return borrowed;
}

/// One step of a sub-topology over batches of `Item`. Pure: what it does depends on its input, its stores and the
/// context, never on a clock, a thread or where a batch ends. One per task, used by one thread.
///
/// An item that needs no further step is marked done (Item::done = true) and skipped by what follows.
template <class Item>
class Operator {
 public:
  virtual ~Operator() = default;
  virtual std::string_view Name() const = 0;
  /// The stores it owns, declared before it runs.
  virtual std::vector<state::StoreSpec> Stores() const { return {}; }
  /// Called once, after the task's state is restored.
  virtual Status Open(OperatorContext&) { return Status::Ok(); }
  /// Processes the items that are not done, in order.
  virtual Status Process(std::span<Item> batch, OperatorContext& context) = 0;
  /// Called before each commit, and when the input idles (`idle`): publish what is due. Must not change a result, only
  /// its pace.
  virtual Status OnTimer(bool /*idle*/, OperatorContext&) { return Status::Ok(); }
  /// The uncommitted changes were dropped: forget what was remembered of them outside the stores.
  virtual void OnAbort() {}
  virtual void Close() {}
};

/// A sub-topology's operators behind one face, for the task.
class Pipeline {
 public:
  virtual ~Pipeline() = default;
  virtual std::vector<std::string_view> OperatorNames() const = 0;
  virtual std::vector<state::StoreSpec> Stores() const = 0;
  virtual Status Open(OperatorContext& context) = 0;
  /// Processes records in the order given.
  virtual Status Process(std::span<const schemas::Record> records, OperatorContext& context) = 0;
  virtual Status OnTimer(bool idle, OperatorContext& context) = 0;
  virtual void OnAbort() = 0;
  virtual void Close() = 0;
};

}  // namespace catwalk::operators
