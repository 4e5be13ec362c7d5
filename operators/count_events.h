#pragma once

#include <cstdint>

#include "base/serde.h"
#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// How many interactions a task has counted.
struct EventCount {
  int64_t events = 0;
  bool operator==(const EventCount&) const = default;
};

class EventCountSerde final : public Serde<EventCount> {
 public:
  void Encode(const EventCount& value, std::string* out) const override;
  Status Decode(std::string_view bytes, EventCount* value) const override;
};

/// Reads the event clock for each interaction that says something good: how many of them there were, by this task's count times the number of
/// tasks (users are spread evenly). What fades by events instead of hours (models/demand.h) goes by it. The first reading is the number
/// of tasks, so never 0. Store "event-clock", one entry.
class CountEvents final : public Operator<UserWork> {
 public:
  std::string_view Name() const override { return "event-clock"; }
  std::vector<state::StoreSpec> Stores() const override { return {{"event-clock"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  state::Table<EventCount>* counts_ = nullptr;
};

}  // namespace catwalk::operators
