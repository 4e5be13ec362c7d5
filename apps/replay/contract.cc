#include "apps/replay/contract.h"

#include <google/protobuf/descriptor.h>

#include <utility>

#include "schemas/codec.h"
#include "schemas/events.pb.h"
#include "schemas/rules.h"

namespace catwalk::apps {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schemas::Topic;

constexpr int kOccurredAtNumber = 4;

const FieldDescriptor* FieldAt(const Message& event, int number) {
  return event.GetDescriptor()->FindFieldByNumber(number);
}

const FieldDescriptor* FieldOf(const Message& event, CommonField field) {
  return FieldAt(event, static_cast<int>(field));
}

template <class Event>
std::optional<schemas::Violation> CheckAs(const Message& event, int64_t now_ms) {
  return schemas::Check(static_cast<const Event&>(event), now_ms);
}

}  // namespace

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::unique_ptr<Message> NewMessage(Topic topic) { return NewMessage(schemas::SpecOf(topic).value); }

std::string CommonText(const Message& event, CommonField field) {
  return event.GetReflection()->GetString(event, FieldOf(event, field));
}

void SetCommonText(Message* event, CommonField field, std::string value) {
  event->GetReflection()->SetString(event, FieldOf(*event, field), std::move(value));
}

int64_t OccurredAtMs(const Message& event) {
  return event.GetReflection()->GetInt64(event, FieldAt(event, kOccurredAtNumber));
}

void SetOccurredAtMs(Message* event, int64_t time_ms) {
  event->GetReflection()->SetInt64(event, FieldAt(*event, kOccurredAtNumber), time_ms);
}

void SetAboutEventId(Message* feedback, const std::string& event_id) {
  auto& typed = static_cast<schemas::Feedback&>(*feedback);
  if (typed.about_event_id().empty()) typed.set_about_event_id(event_id);
}

std::optional<schemas::Violation> CheckContract(Topic topic, const Message& event, int64_t now_ms) {
  switch (topic) {
    case Topic::kClicks: return CheckAs<schemas::Click>(event, now_ms);
    case Topic::kPurchases: return CheckAs<schemas::Purchase>(event, now_ms);
    case Topic::kActivity: return CheckAs<schemas::Activity>(event, now_ms);
    case Topic::kFeedback: return CheckAs<schemas::Feedback>(event, now_ms);
    case Topic::kProfiles: return CheckAs<schemas::Profile>(event, now_ms);
    case Topic::kDesigns: return CheckAs<schemas::Design>(event, now_ms);
    default: return schemas::Violation{schemas::kUndecodable, "not a topic that events are sent to"};
  }
}

schemas::OutgoingRecord MakeRecord(const schemas::TopicNames& names, Topic topic, const Message& event) {
  schemas::OutgoingRecord record;
  record.topic = names.Of(topic);
  record.key = CommonText(event, topic == Topic::kDesigns ? CommonField::kDesignId : CommonField::kUserId);
  event.SerializeToString(&record.value);
  return record;
}

std::optional<schemas::Violation> RecordFromBytes(const schemas::TopicNames& names, Topic topic, std::string_view bytes,
                                                  const std::string& fallback_event_id, int64_t now_ms,
                                                  schemas::OutgoingRecord* record) {
  const std::unique_ptr<Message> event = NewMessage(topic);
  if (auto violation = schemas::Decode(bytes, event.get())) return violation;
  if (!fallback_event_id.empty() && CommonText(*event, CommonField::kEventId).empty())
    SetCommonText(event.get(), CommonField::kEventId, fallback_event_id);
  if (auto violation = CheckContract(topic, *event, now_ms)) return violation;
  *record = MakeRecord(names, topic, *event);
  return std::nullopt;
}

}  // namespace catwalk::apps
