#include "apps/tail/record_format.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "apps/dead_letter.h"
#include "apps/replay/contract.h"
#include "apps/replay/time_parse.h"
#include "schemas/base64.h"
#include "schemas/codec.h"

namespace catwalk::apps {
namespace {

using schemas::TopicSpec;

constexpr size_t kKeyWidth = 16;

// Appends `,"name":"text"` or, as the first member, without the comma.
void AppendText(std::string_view name, std::string_view text, std::string* out) {
  *out += out->back() == '{' ? "\"" : ",\"";
  out->append(name).append("\":");
  schemas::AppendJsonString(text, out);
}

void AppendNumber(std::string_view name, int64_t number, std::string* out) {
  out->append(",\"").append(name).append("\":").append(std::to_string(number));
}

void AppendBase64Member(std::string_view bytes, std::string* out) {
  *out += ",\"value_base64\":\"";
  schemas::AppendBase64(bytes, out);
  *out += '"';
}

// The message as JSON; otherwise why not.
std::optional<schemas::Violation> AppendMessage(const TopicSpec& spec, std::string_view value, std::string* out) {
  const auto message = NewMessage(spec.topic);
  if (auto violation = schemas::Decode(value, message.get())) return violation;
  schemas::AppendJson(*message, out);
  return std::nullopt;
}

void AppendDeadLetter(const schemas::Record& record, const schemas::TopicNames& names, std::string* out) {
  const DeadLetter letter = ReadDeadLetter(record.headers);
  *out += '{';
  AppendText("source_topic", letter.source_topic, out);
  AppendNumber("source_partition", letter.source_partition, out);
  AppendNumber("source_offset", letter.source_offset, out);
  AppendText("rule", letter.rule, out);
  AppendText("message", letter.message, out);
  AppendText("key", record.key, out);
  const TopicSpec* source = names.Find(letter.source_topic);
  std::string value;
  if (source != nullptr && source->value != nullptr && !AppendMessage(*source, record.value, &value)) {
    *out += ",\"value\":" + value;
  } else {
    AppendBase64Member(record.value, out);
  }
  *out += '}';
}

void AppendBytes(const schemas::Record& record, std::string_view reason, std::string* out) {
  *out += '{';
  AppendText("key", record.key, out);
  if (!reason.empty()) AppendText("undecodable", reason, out);
  if (record.tombstone) {
    *out += ",\"tombstone\":true";
  } else if (reason.empty() && simdjson::validate_utf8(record.value.data(), record.value.size())) {
    AppendText("value", record.value, out);
  } else {
    AppendBase64Member(record.value, out);
  }
  *out += '}';
}

}  // namespace

void AppendRecordJson(const schemas::Record& record, const schemas::TopicNames& names, std::string* out) {
  const TopicSpec* spec = names.Find(record.topic);
  if (spec != nullptr && spec->topic == schemas::Topic::kDeadLetters) return AppendDeadLetter(record, names, out);
  if (spec == nullptr || spec->value == nullptr || record.tombstone) return AppendBytes(record, "", out);
  if (const auto violation = AppendMessage(*spec, record.value, out)) AppendBytes(record, violation->message, out);
}

void AppendRecordText(const schemas::Record& record, const schemas::TopicNames& names, std::string* out) {
  out->append(FormatTime(record.timestamp_ms)).append("  ").append(record.key);
  out->append(kKeyWidth - std::min(kKeyWidth, record.key.size()) + 2, ' ');
  AppendRecordJson(record, names, out);
}

}  // namespace catwalk::apps
