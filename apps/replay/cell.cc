#include "apps/replay/cell.h"


#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "apps/replay/time_parse.h"
#include "schemas/enum_words.h"

namespace catwalk::apps {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using schemas::Violation;

constexpr size_t kShownBytes = 40;

Violation Bad(std::string_view rule, const FieldDescriptor& field, std::string_view cell, const std::string& want) {
  return {rule, field.name() + " is \"" + std::string(cell.substr(0, kShownBytes)) + "\"; " + want};
}

template <class T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

char Fold(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Fold, Fold);
}

// Sets a field, or adds to a repeated one, by the pair of Reflection's methods for its type.
template <class Set, class Add, class T>
void Put(Message* message, const FieldDescriptor& field, Set set, Add add, T value) {
  const Reflection& reflection = *message->GetReflection();
  if (field.is_repeated()) {
    (reflection.*add)(message, &field, std::move(value));
  } else {
    (reflection.*set)(message, &field, std::move(value));
  }
}

std::optional<Violation> SetInt64(Message* message, const FieldDescriptor& field, std::string_view cell) {
  const bool time = std::string_view(field.name()).ends_with("_at_ms");
  const auto value = time ? ParseTime(cell) : ParseWhole<int64_t>(cell);
  if (!value && time) return Bad("not_a_time", field, cell, "give epoch seconds, milliseconds or an ISO 8601 date");
  if (!value) return Bad("not_a_number", field, cell, "give a whole number");
  Put(message, field, &Reflection::SetInt64, &Reflection::AddInt64, *value);
  return std::nullopt;
}

std::optional<Violation> SetEnum(Message* message, const FieldDescriptor& field, std::string_view cell) {
  auto number = schemas::ParseEnumWord(*field.enum_type(), cell);
  if (!number) number = ParseWhole<int>(cell);
  const auto* value = number ? field.enum_type()->FindValueByNumber(*number) : nullptr;
  if (value == nullptr)
    return Bad(schemas::kUnknownEnum, field, cell, "give one of " + schemas::EnumWords(*field.enum_type()));
  Put(message, field, &Reflection::SetEnum, &Reflection::AddEnum, value);
  return std::nullopt;
}

std::optional<Violation> SetBool(Message* message, const FieldDescriptor& field, std::string_view cell) {
  const auto is = [&](std::string_view word) { return SameWord(word, cell); };
  const bool yes = is("true") || is("yes") || is("1");
  if (!yes && !is("false") && !is("no") && !is("0")) return Bad("not_a_flag", field, cell, "give true or false");
  Put(message, field, &Reflection::SetBool, &Reflection::AddBool, yes);
  return std::nullopt;
}

// For the types that text turns into without further thought.
template <class T, class Set, class Add>
std::optional<Violation> SetNumber(Message* message, const FieldDescriptor& field, std::string_view cell, Set set, Add add) {
  const auto value = ParseWhole<T>(cell);
  if (!value) return Bad("not_a_number", field, cell, "give a number");
  Put(message, field, set, add, *value);
  return std::nullopt;
}

}  // namespace

std::optional<Violation> SetCell(Message* message, const FieldDescriptor& field, std::string_view cell) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      Put(message, field, &Reflection::SetString, &Reflection::AddString, std::string(cell));
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, cell);
    case FieldDescriptor::CPPTYPE_INT64:
      return SetInt64(message, field, cell);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(message, field, cell);
    case FieldDescriptor::CPPTYPE_INT32:
      return SetNumber<int32_t>(message, field, cell, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetNumber<double>(message, field, cell, &Reflection::SetDouble, &Reflection::AddDouble);
    default:
      return Bad("not_a_cell", field, cell, "this field cannot be filled from a cell; use JSON lines");
  }
}

void SetMapEntry(Message* message, const FieldDescriptor& field, std::string_view key, std::string_view value) {
  const auto& entry_type = *field.message_type();
  Message* entry = message->GetReflection()->AddMessage(message, &field);
  entry->GetReflection()->SetString(entry, entry_type.map_key(), std::string(key));
  entry->GetReflection()->SetString(entry, entry_type.map_value(), std::string(value));
}

}  // namespace catwalk::apps
