#include "operators/count_events.h"

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

constexpr std::string_view kKey = "interactions";

}  // namespace

void EventCountSerde::Encode(const EventCount& value, std::string* out) const {
  ByteWriter(out).Zigzag(value.events);
}

Status EventCountSerde::Decode(std::string_view bytes, EventCount* value) const {
  ByteReader reader(bytes);
  value->events = reader.Zigzag();
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
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
