#include "serve/event_body.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "schemas/codec.h"
#include "schemas/rules.h"

namespace catwalk::serve {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

/// The length of the JSON object that `text` begins with; all of it if the object has no end.
size_t ObjectLength(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

/// The field by which the topic's records are keyed.
std::string KeyOf(schemas::Topic topic, const google::protobuf::Message& event) {
  const auto* field =
      event.GetDescriptor()->FindFieldByName(topic == schemas::Topic::kDesigns ? "design_id" : "user_id");
  return event.GetReflection()->GetString(event, field);
}

std::optional<schemas::Violation> CheckEvent(schemas::Topic topic, std::string_view text, int64_t now_ms) {
  if (!text.starts_with('{')) {
    return schemas::Violation{schemas::kUndecodable,
                              "expected a JSON object: send one event a line, without a list around them"};
  }
  return schemas::CheckValue(topic, text, now_ms);
}

}  // namespace

std::vector<EventText> SplitEvents(std::string_view body) {
  std::vector<EventText> events;
  int64_t line = 1;
  size_t counted = 0;
  size_t at = 0;
  while ((at = body.find_first_not_of(kSpace, at)) != std::string_view::npos) {
    line += std::count(body.begin() + static_cast<ptrdiff_t>(counted), body.begin() + static_cast<ptrdiff_t>(at), '\n');
    counted = at;
    const std::string_view rest = body.substr(at);
    const size_t length = rest.starts_with('{') ? ObjectLength(rest) : std::min(rest.find('\n'), rest.size());
    events.push_back({line, rest.substr(0, length)});
    at += length;
  }
  return events;
}

std::variant<std::vector<schemas::OutgoingRecord>, BadEvent> ReadEvents(schemas::Topic topic, const std::string& name,
                                                                        std::string_view body, int64_t now_ms) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const auto* prototype = factory->GetPrototype(schemas::SpecOf(topic).value);
  const std::unique_ptr<google::protobuf::Message> event(prototype->New());
  std::vector<schemas::OutgoingRecord> records;
  for (const auto& [line, text] : SplitEvents(body)) {
    auto violation = CheckEvent(topic, text, now_ms);
    if (!violation) violation = schemas::Decode(text, event.get());  // once more, for the key
    if (violation) return BadEvent{line, std::string(violation->rule), violation->message};
    schemas::OutgoingRecord record;
    record.topic = name;
    record.key = KeyOf(topic, *event);
    record.value = std::string(text);
    record.timestamp_ms = now_ms;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace catwalk::serve
