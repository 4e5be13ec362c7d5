#include "operators/count_events.h"

#include <algorithm>

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

constexpr std::string_view kKey = "interactions";

bool TakeLesson(int64_t at_ms, EventCount* count) {
  count->latest_ms = std::max(count->latest_ms, at_ms);
  count->next_lesson_ms = std::max(count->next_lesson_ms, count->latest_ms);
  if (count->next_lesson_ms - count->latest_ms >= CountEvents::kLessonsAtOnce * CountEvents::kLessonEveryMs) return false;
  count->next_lesson_ms += CountEvents::kLessonEveryMs;
  return true;
}

}  // namespace

void EventCountSerde::Encode(const EventCount& value, std::string* out) const {
  ByteWriter writer(out);
  writer.Zigzag(value.events);
  writer.Zigzag(value.latest_ms);
  writer.Zigzag(value.next_lesson_ms);
}

Status EventCountSerde::Decode(std::string_view bytes, EventCount* value) const {
  ByteReader reader(bytes);
  value->events = reader.Zigzag();
  value->latest_ms = reader.AtEnd() ? 0 : reader.Zigzag();  // written since lessons are rationed
  value->next_lesson_ms = reader.AtEnd() ? 0 : reader.Zigzag();
  if (reader.ok() && reader.AtEnd()) return Status::Ok();
  return {Code::kCorruption, "the event clock is damaged; delete the state folder to restore it"};
}

Status CountEvents::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(counts_, OpenTable<EventCount>(context, "event-clock", std::make_unique<EventCountSerde>()));
  return Status::Ok();
}

Status CountEvents::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch) {
    if (work.done || !work.added || work.weight <= 0) continue;
    ASSIGN_OR_RETURN(EventCount* const count, counts_->GetOrCreate(kKey));
    counts_->MarkDirty(kKey);
    work.clock = ++count->events * context.partitions();
    work.teaches = TakeLesson(work.at_ms, count);
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
