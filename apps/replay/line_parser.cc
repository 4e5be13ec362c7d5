#include "apps/replay/line_parser.h"

#include <simdjson.h>

#include <utility>

#include "apps/replay/contract.h"
#include "schemas/base64.h"

namespace catwalk::apps {
namespace {

using schemas::Topic;
using schemas::TopicNames;
using schemas::Violation;

Violation Undecodable(std::string message) { return {schemas::kUndecodable, std::move(message)}; }

std::optional<Violation> FindInput(const TopicNames& names, std::string_view name, Topic* topic) {
  const schemas::TopicSpec* spec = names.Find(name);
  if (spec == nullptr || spec->topic > Topic::kDesigns)
    return Violation{"unknown_topic", "\"" + std::string(name) +
                                          "\"; events go to clicks, purchases, activity, feedback, profiles or designs"};
  *topic = spec->topic;
  return std::nullopt;
}

// The members of an object that decide where it goes, by name; padded as simdjson wants it.
class JsonLine {
 public:
  std::optional<Violation> Parse(std::string_view text) {
    padded_.assign(text);
    padded_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    const auto error = parser_.iterate(padded_).get(document_);
    simdjson::ondemand::object object;
    if (error || document_.get_object().get(object)) return Undecodable("not a JSON object; write one object a line");
    object_ = object;
    return std::nullopt;
  }

  // Nothing if there is no such member or it is no string.
  std::optional<std::string> Text(std::string_view name) {
    std::string_view text;
    if (object_.find_field_unordered(name).get_string().get(text)) return std::nullopt;
    return std::string(text);
  }

  // The member as it stands in the line.
  std::optional<std::string> Raw(std::string_view name) {
    simdjson::ondemand::value value;
    std::string_view raw;
    if (object_.find_field_unordered(name).get(value)) return std::nullopt;
    simdjson::ondemand::object object;
    if (value.get_object().get(object) || object.raw_json().get(raw)) return std::nullopt;
    return std::string(raw);
  }

 private:
  std::string padded_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  simdjson::ondemand::object object_;
};

class EventLineParser final : public LineParser {
 public:
  EventLineParser(TopicNames names, std::optional<Topic> default_topic, std::string source)
      : names_(std::move(names)), default_topic_(default_topic), source_(std::move(source)) {}

  std::optional<Violation> Parse(uint64_t line, std::string_view text, int64_t now_ms,
                                 std::vector<schemas::OutgoingRecord>* out) override {
    Topic topic{};
    if (auto violation = FindTopic(text, &topic)) return violation;
    schemas::OutgoingRecord record;
    const std::string event_id = source_ + ":" + std::to_string(line);
    if (auto violation = RecordFromBytes(names_, topic, text, event_id, now_ms, &record)) return violation;
    out->push_back(std::move(record));
    return std::nullopt;
  }

 private:
  std::optional<Violation> FindTopic(std::string_view text, Topic* topic) {
    if (auto violation = json_.Parse(text)) return violation;
    if (const auto name = json_.Text("topic")) return FindInput(names_, *name, topic);
    if (!default_topic_) return Violation{"missing_topic", "give the line a \"topic\" member, or the command --to"};
    *topic = *default_topic_;
    return std::nullopt;
  }

  TopicNames names_;
  std::optional<Topic> default_topic_;
  std::string source_;
  JsonLine json_;
};

class DeadLetterLineParser final : public LineParser {
 public:
  explicit DeadLetterLineParser(TopicNames names) : names_(std::move(names)) {}

  std::optional<Violation> Parse(uint64_t, std::string_view text, int64_t now_ms,
                                 std::vector<schemas::OutgoingRecord>* out) override {
    if (auto violation = json_.Parse(text)) return violation;
    const auto name = json_.Text("source_topic");
    if (!name) return Violation{"missing_topic", "no \"source_topic\"; give lines of catwalk tail dead-letters --json"};
    Topic topic{};
    if (auto violation = FindInput(names_, *name, &topic)) return violation;
    auto value = json_.Raw("value");
    if (!value) value = FromBase64();
    if (!value) return Undecodable("neither a \"value\" that is an object nor a \"value_base64\"; give one");
    schemas::OutgoingRecord record;
    if (auto violation = RecordFromBytes(names_, topic, *value, "", now_ms, &record)) return violation;
    out->push_back(std::move(record));
    return std::nullopt;
  }

 private:
  std::optional<std::string> FromBase64() {
    const auto text = json_.Text("value_base64");
    return text ? schemas::DecodeBase64(*text) : std::nullopt;
  }

  TopicNames names_;
  JsonLine json_;
};

}  // namespace

std::unique_ptr<LineParser> MakeEventLineParser(TopicNames names, std::optional<Topic> default_topic,
                                                std::string source) {
  return std::make_unique<EventLineParser>(std::move(names), default_topic, std::move(source));
}

std::unique_ptr<LineParser> MakeDeadLetterLineParser(TopicNames names) {
  return std::make_unique<DeadLetterLineParser>(std::move(names));
}

}  // namespace catwalk::apps
