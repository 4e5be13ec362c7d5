#pragma once

#include <cstdint>

#include "base/serde.h"
#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// How many interactions a task has counted, and when the blend has learned enough for a while.
struct EventCount {
  int64_t events = 0;
  int64_t latest_ms = 0;       // event time of the latest counted
  int64_t next_lesson_ms = 0;  // when the next lesson would be due if they came evenly
  bool operator==(const EventCount&) const = default;
};

class EventCountSerde final : public Serde<EventCount> {
 public:
  void Encode(const EventCount& value, std::string* out) const override;
  Status Decode(std::string_view bytes, EventCount* value) const override;
};

/// Reads the event clock for each interaction that says something good: how many of them there were, by this task's count times the number of
/// tasks (users are spread evenly). What fades by events instead of hours (models/demand.h) goes by it. The first reading is the number
/// of tasks, so never 0.
///
/// Says also which of them teach the blend: all as long as they come slowly, else one every kLessonEveryMs of event time, for a blend of a few
/// weights has nothing to gain from more and each costs a list (the generic cell rate algorithm: ITU-T I.371). Store "event-clock",
/// one entry.
class CountEvents final : public Operator<UserWork> {
 public:
  static constexpr int64_t kLessonEveryMs = 10;
  /// Lessons that may come at once after a quiet time.
  static constexpr int64_t kLessonsAtOnce = 10'000;

  std::string_view Name() const override { return "event-clock"; }
  std::vector<state::StoreSpec> Stores() const override { return {{"event-clock"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  state::Table<EventCount>* counts_ = nullptr;
};

}  // namespace catwalk::operators
