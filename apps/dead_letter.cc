#include "apps/dead_letter.h"

#include <charconv>

namespace catwalk::apps {
namespace {

std::string_view Text(const std::vector<schemas::Header>& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

int64_t Number(const std::vector<schemas::Header>& headers, std::string_view name) {
  const std::string_view text = Text(headers, name);
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

DeadLetter ReadDeadLetter(const std::vector<schemas::Header>& headers) {
  return {Text(headers, "source_topic"), Number(headers, "source_partition"), Number(headers, "source_offset"),
          Text(headers, "rule"), Text(headers, "message")};
}

}  // namespace catwalk::apps
