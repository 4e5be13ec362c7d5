#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/record.h"
#include "schemas/topics.h"
#include "schemas/violation.h"

namespace catwalk::apps {

/// The text fields that all events have in common, by their numbers.
enum class CommonField { kEventId = 1, kUserId = 2, kDesignId = 3 };

/// An empty message of a type, or of the topic's, which must have one.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);
std::unique_ptr<google::protobuf::Message> NewMessage(schemas::Topic topic);

std::string CommonText(const google::protobuf::Message& event, CommonField field);
void SetCommonText(google::protobuf::Message* event, CommonField field, std::string value);
int64_t OccurredAtMs(const google::protobuf::Message& event);
void SetOccurredAtMs(google::protobuf::Message* event, int64_t time_ms);
/// Says what a Feedback speaks of, unless it says so itself.
void SetAboutEventId(google::protobuf::Message* feedback, const std::string& event_id);

/// The first rule of the public contract that an event of an input topic breaks, if any. `now_ms` stands for the
/// timestamp its record will get.
std::optional<schemas::Violation> CheckContract(schemas::Topic topic, const google::protobuf::Message& event,
                                                int64_t now_ms);

/// The event as it goes out: Protobuf, keyed by its user (by its design on `designs`), partitioned by key, timed by the
/// transport.
schemas::OutgoingRecord MakeRecord(const schemas::TopicNames& names, schemas::Topic topic,
                                   const google::protobuf::Message& event);

/// Decodes bytes in any encoding into an event of an input topic, gives it `fallback_event_id` if it has none (and that
/// is not empty), checks it and makes its record.
std::optional<schemas::Violation> RecordFromBytes(const schemas::TopicNames& names, schemas::Topic topic,
                                                  std::string_view bytes, const std::string& fallback_event_id,
                                                  int64_t now_ms, schemas::OutgoingRecord* record);

}  // namespace catwalk::apps
