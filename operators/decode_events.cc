#include "operators/decode_events.h"

#include "schemas/codec.h"

namespace catwalk::operators {
namespace {

google::protobuf::Message* NewMessage(schemas::Topic topic, google::protobuf::Arena* arena) {
  using google::protobuf::Arena;
  switch (topic) {
    case schemas::Topic::kClicks: return Arena::CreateMessage<schemas::Click>(arena);
    case schemas::Topic::kPurchases: return Arena::CreateMessage<schemas::Purchase>(arena);
    case schemas::Topic::kActivity: return Arena::CreateMessage<schemas::Activity>(arena);
    case schemas::Topic::kFeedback: return Arena::CreateMessage<schemas::Feedback>(arena);
    case schemas::Topic::kProfiles: return Arena::CreateMessage<schemas::Profile>(arena);
    default: return nullptr;
  }
}

template <class Event>
void ReadCommonFields(const Event& event, UserWork* work) {
  work->event_id = event.event_id();
  work->user_id = event.user_id();
  work->design_id = event.design_id();
  work->at_ms = event.occurred_at_ms();
}

void ReadCommonFields(UserWork* work) {
  switch (work->topic) {
    case schemas::Topic::kClicks: return ReadCommonFields(static_cast<const schemas::Click&>(*work->message), work);
    case schemas::Topic::kPurchases: return ReadCommonFields(static_cast<const schemas::Purchase&>(*work->message), work);
    case schemas::Topic::kActivity: return ReadCommonFields(static_cast<const schemas::Activity&>(*work->message), work);
    case schemas::Topic::kFeedback: return ReadCommonFields(static_cast<const schemas::Feedback&>(*work->message), work);
    default: return ReadCommonFields(static_cast<const schemas::Profile&>(*work->message), work);
  }
}

}  // namespace

DecodeEvents::DecodeEvents(const schemas::TopicNames& names) : names_(names) {}

Status DecodeEvents::Process(std::span<UserWork> batch, OperatorContext& context) {
  arena_.Reset();
  for (auto& work : batch) RETURN_IF_ERROR(Decode(&work, context));
  return Status::Ok();
}

Status DecodeEvents::Decode(UserWork* work, OperatorContext& context) {
  const auto* spec = names_.Find(work->record->topic);
  work->message = spec == nullptr ? nullptr : NewMessage(spec->topic, &arena_);
  if (work->message == nullptr) {
    return {Code::kInternal, "topic " + std::string(work->record->topic) + " is no input of the user sub-topology"};
  }
  work->topic = spec->topic;
  if (const auto violation = schemas::Decode(work->record->value, work->message)) {
    work->done = true;
    return context.Reject(*work->record, violation->rule, violation->message);
  }
  ReadCommonFields(work);
  return Status::Ok();
}

}  // namespace catwalk::operators
