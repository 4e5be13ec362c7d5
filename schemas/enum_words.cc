#include "schemas/enum_words.h"

#include <algorithm>

#include <google/protobuf/descriptor.h>

namespace catwalk::schemas {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char Lower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

/// TripKind has values TRIP_KIND_...
std::string Prefix(const EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (IsUpper(c) && !prefix.empty()) prefix += '_';
    prefix += Upper(c);
  }
  return prefix + '_';
}

std::string_view BareName(const EnumValueDescriptor& value, std::string_view prefix) {
  std::string_view name = value.name();
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return name;
}

bool Matches(std::string_view word, std::string_view name) {
  return std::equal(word.begin(), word.end(), name.begin(), name.end(),
                    [](char a, char b) { return (a == '-' ? '_' : Upper(a)) == b; });
}

std::string AsWord(std::string_view bare_name) {
  std::string word(bare_name);
  for (char& c : word) c = c == '_' ? '-' : Lower(c);
  return word;
}

}  // namespace

std::optional<int> ParseEnumWord(const EnumDescriptor& type, std::string_view word) {
  const std::string prefix = Prefix(type);
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (Matches(word, BareName(value, prefix)) || Matches(word, value.name())) return value.number();
  }
  return std::nullopt;
}

std::optional<std::string> EnumWord(const EnumDescriptor& type, int number) {
  const EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr) return std::nullopt;
  return AsWord(BareName(*value, Prefix(type)));
}

std::string EnumWords(const EnumDescriptor& type) {
  const std::string prefix = Prefix(type);
  std::string words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (i > 0) words += ", ";
    words += AsWord(BareName(*type.value(i), prefix));
  }
  return words;
}

}  // namespace catwalk::schemas
