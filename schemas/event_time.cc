#include "schemas/event_time.h"

#include <algorithm>
#include <charconv>

#include "schemas/confluent_frame.h"
#include "schemas/wire_reader.h"

namespace catwalk::schemas {
namespace {

constexpr std::string_view kEventTime = "occurred_at_ms";

/// Looks through the outermost members of a JSON object, as far as it needs to, without judging the rest.
class JsonScanner {
 public:
  /// `json` starts with '{'.
  explicit JsonScanner(std::string_view json) : left_(json) {}

  /// The integer, bare or in quotes, of the first outermost member of that name.
  std::optional<int64_t> FindInteger(std::string_view name) {
    while (!left_.empty()) {
      if (left_.front() != '"') {
        Step();
        continue;
      }
      std::string_view text;
      if (!ReadString(&text)) return std::nullopt;
      if (depth_ == 1 && SkipColon() && text == name) return ReadInteger();
    }
    return std::nullopt;
  }

 private:
  void Step() {
    const char c = left_.front();
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    left_.remove_prefix(1);
  }

  /// What stands between the quotes, escapes as they are.
  bool ReadString(std::string_view* text) {
    for (size_t i = 1; i < left_.size(); ++i) {
      if (left_[i] == '\\') {
        ++i;
      } else if (left_[i] == '"') {
        *text = left_.substr(1, i - 1);
        left_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

  void SkipSpace() {
    left_.remove_prefix(std::min(left_.find_first_not_of(" \t\r\n"), left_.size()));
  }

  /// Only a member's name has a colon after it.
  bool SkipColon() {
    SkipSpace();
    if (left_.empty() || left_.front() != ':') return false;
    left_.remove_prefix(1);
    SkipSpace();
    return true;
  }

  std::optional<int64_t> ReadInteger() {
    if (!left_.empty() && left_.front() == '"') left_.remove_prefix(1);
    int64_t number = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), number);
    if (error != std::errc()) return std::nullopt;
    // 1.5e12 is no integer as it stands; only Decode works out what it is.
    const bool goes_on = end != left_.data() + left_.size() && (*end == '.' || *end == 'e' || *end == 'E');
    return goes_on ? std::nullopt : std::optional(number);
  }

  std::string_view left_;
  int depth_ = 0;
};

/// The bare message; false if there is none.
bool StripToProtobuf(std::string_view* value) {
  if (value->empty() || value->front() == '{') return false;
  return value->front() != '\0' || StripConfluentFrame(value);
}

}  // namespace

std::optional<int64_t> PeekInt64(std::string_view value, uint32_t field) {
  if (!StripToProtobuf(&value)) return std::nullopt;
  WireReader reader(value);
  while (reader.Next()) {
    if (reader.field() != field) continue;
    if (reader.type() != WireReader::kVarint) return std::nullopt;
    return static_cast<int64_t>(reader.varint());
  }
  return std::nullopt;
}

bool PeekString(std::string_view value, uint32_t field, std::string_view* found) {
  if (!StripToProtobuf(&value)) return false;
  WireReader reader(value);
  while (reader.Next()) {
    if (reader.field() != field) continue;
    if (reader.type() != WireReader::kBytes) return false;
    *found = reader.bytes();
    return true;
  }
  return false;
}

std::optional<int64_t> PeekEventTime(std::string_view value, uint32_t field) {
  if (!value.empty() && value.front() == '{') return JsonScanner(value).FindInteger(kEventTime);
  return PeekInt64(value, field);
}

}  // namespace catwalk::schemas
