#include "schemas/json_reader.h"

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <simdjson.h>

#include "schemas/base64.h"
#include "schemas/enum_words.h"
#include "schemas/json_writer.h"

namespace catwalk::schemas {
namespace {

namespace dom = simdjson::dom;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <class T>
using Setter = void (Reflection::*)(Message*, const FieldDescriptor*, T) const;

constexpr size_t kMaxQuoted = 64;  // bytes of the sender's text in a message

/// Where in the document a value stands, linked on the stack from the inside out.
struct Place {
  const Place* outer = nullptr;
  std::string_view name;
  int index = -1;  // in an array

  std::string Path() const {
    std::string path = outer == nullptr ? "" : outer->Path();
    if (index >= 0) return path + "[" + std::to_string(index) + "]";
    if (!path.empty()) path += '.';
    return path.append(name.substr(0, kMaxQuoted));
  }
};

/// Where a value goes. A repeated field gets one more.
struct Target {
  Message* message;
  const FieldDescriptor* field;
  const Place& place;
};

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(text.substr(0, kMaxQuoted), &quoted);
  return quoted;
}

std::string_view KindOf(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::ARRAY: return "an array";
    case dom::element_type::OBJECT: return "an object";
    case dom::element_type::STRING: return "a string";
    case dom::element_type::BOOL: return "true or false";
    case dom::element_type::NULL_VALUE: return "null";
    default: return "a number";
  }
}

/// A short value itself, of what nests only the kind.
std::string Shown(const dom::element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return Quoted(text);
  return value.is_array() || value.is_object() ? std::string(KindOf(value)) : std::string(simdjson::minify(value));
}

template <class T>
std::optional<T> Parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// 12.0 is an integer, too: some writers know only doubles.
template <std::integral T>
std::optional<T> FromDouble(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond, a double does not say which integer was meant
  if (!(std::abs(value) <= kExact) || value != std::trunc(value)) return std::nullopt;
  const auto integer = static_cast<int64_t>(value);
  return std::in_range<T>(integer) ? std::optional(static_cast<T>(integer)) : std::nullopt;
}

template <std::integral T>
std::optional<T> ToInteger(const dom::element& value) {
  if (int64_t number = 0; value.get(number) == simdjson::SUCCESS) {
    return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
  }
  if (uint64_t number = 0; value.get(number) == simdjson::SUCCESS) {
    return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
  }
  if (double number = 0; value.get(number) == simdjson::SUCCESS) return FromDouble<T>(number);
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return Parse<T>(text);
  return std::nullopt;
}

/// null is met in arrays only, where it holds a NaN's place.
std::optional<double> ToDouble(const dom::element& value) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (double number = 0; value.get(number) == simdjson::SUCCESS) return number;  // integers are converted
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return Parse<double>(text);
  return std::nullopt;
}

/// What is too large for a float becomes an infinity, which the rules refuse where it matters. (A bare cast is
/// undefined past the largest float, and the digits of the largest float are a little past it.)
float Narrow(double value) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr double kRoundsDown = 0x1.ffffffp127;  // half a step past the largest
  if (!(std::abs(value) > static_cast<double>(kLargest))) return static_cast<float>(value);
  const float size = std::abs(value) < kRoundsDown ? kLargest : std::numeric_limits<float>::infinity();
  return value > 0 ? size : -size;
}

std::optional<float> ToFloat(const dom::element& value) {
  const auto number = ToDouble(value);
  return number ? std::optional(Narrow(*number)) : std::nullopt;
}

std::optional<bool> ToBool(const dom::element& value) {
  if (bool flag = false; value.get(flag) == simdjson::SUCCESS) return flag;
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
    if (text == "true") return true;
    if (text == "false") return false;
  }
  return std::nullopt;
}

/// A word (unknown: none) or any 32-bit integer, as in Protobuf.
std::optional<int> ToEnum(const dom::element& value, const EnumDescriptor& type) {
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return ParseEnumWord(type, text);
  return ToInteger<int32_t>(value);
}

std::optional<std::string> ToText(const dom::element& value, const FieldDescriptor& field) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  return field.type() == FieldDescriptor::TYPE_BYTES ? DecodeBase64(text) : std::string(text);
}

/// What a field expects, for an error message.
std::string_view Expected(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32: return "an integer of 32 bits";
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64: return "an integer of 64 bits";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: return "a number";
    case FieldDescriptor::CPPTYPE_BOOL: return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM: return "a word";
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "a string in base64" : "a string";
    case FieldDescriptor::CPPTYPE_MESSAGE: return "an object";
  }
  return "";
}

const FieldDescriptor* FindField(const Descriptor& type, std::string_view name) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->name() == name) return type.field(i);
  }
  return nullptr;
}

/// Fills messages from one parsed document. Its methods return false once `violation` is set.
class JsonReader {
 public:
  bool ReadObject(const dom::object& object, const Place* outer, Message* message) {
    for (const dom::key_value_pair member : object) {
      const FieldDescriptor* field = FindField(*message->GetDescriptor(), member.key);
      const Place place{outer, member.key};
      if (field != nullptr && !ReadMember(member.value, {message, field, place})) return false;
    }
    return true;
  }

  std::optional<Violation> TakeViolation() { return std::move(violation_); }

 private:
  bool ReadMember(const dom::element& value, const Target& to) {
    to.message->GetReflection()->ClearField(to.message, to.field);
    if (value.is_null()) return true;
    if (to.field->is_map()) return ReadMap(value, to);
    if (to.field->is_repeated()) return ReadArray(value, to);
    return ReadValue(value, to);
  }

  bool ReadArray(const dom::element& value, const Target& to) {
    dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return Unexpected(value, "an array", to.place);
    int index = 0;
    for (const dom::element element : array) {
      const Place place{&to.place, {}, index++};
      if (!ReadValue(element, {to.message, to.field, place})) return false;
    }
    return true;
  }

  /// Keys are strings in all our messages (a test says so).
  bool ReadMap(const dom::element& value, const Target& to) {
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return Unexpected(value, "an object", to.place);
    for (const dom::key_value_pair member : object) {
      if (member.value.is_null()) continue;
      const Place place{&to.place, member.key};
      Message* entry = to.message->GetReflection()->AddMessage(to.message, to.field);
      const Descriptor& type = *entry->GetDescriptor();
      entry->GetReflection()->SetString(entry, type.map_key(), std::string(member.key));
      if (!ReadValue(member.value, {entry, type.map_value(), place})) return false;
    }
    return true;
  }

  bool ReadValue(const dom::element& value, const Target& to) {
    switch (to.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Store(ToInteger<int32_t>(value), value, to, &Reflection::SetInt32, &Reflection::AddInt32);
      case FieldDescriptor::CPPTYPE_INT64:
        return Store(ToInteger<int64_t>(value), value, to, &Reflection::SetInt64, &Reflection::AddInt64);
      case FieldDescriptor::CPPTYPE_UINT32:
        return Store(ToInteger<uint32_t>(value), value, to, &Reflection::SetUInt32, &Reflection::AddUInt32);
      case FieldDescriptor::CPPTYPE_UINT64:
        return Store(ToInteger<uint64_t>(value), value, to, &Reflection::SetUInt64, &Reflection::AddUInt64);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Store(ToDouble(value), value, to, &Reflection::SetDouble, &Reflection::AddDouble);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Store(ToFloat(value), value, to, &Reflection::SetFloat, &Reflection::AddFloat);
      case FieldDescriptor::CPPTYPE_BOOL:
        return Store(ToBool(value), value, to, &Reflection::SetBool, &Reflection::AddBool);
      case FieldDescriptor::CPPTYPE_STRING:
        return Store(ToText(value, *to.field), value, to, &Reflection::SetString, &Reflection::AddString);
      case FieldDescriptor::CPPTYPE_ENUM: return ReadEnum(value, to);
      case FieldDescriptor::CPPTYPE_MESSAGE: return ReadNested(value, to);
    }
    return true;
  }

  template <class T>
  bool Store(std::optional<T> read, const dom::element& value, const Target& to, Setter<T> set, Setter<T> add) {
    if (!read) return Unexpected(value, Expected(*to.field), to.place);
    (to.message->GetReflection()->*(to.field->is_repeated() ? add : set))(to.message, to.field, std::move(*read));
    return true;
  }

  bool ReadEnum(const dom::element& value, const Target& to) {
    const EnumDescriptor& type = *to.field->enum_type();
    const std::optional<int> number = ToEnum(value, type);
    if (!number && value.is_string()) {
      return Fail(kUnknownEnum, to.place, "unknown word " + Shown(value) + ", one of " + EnumWords(type));
    }
    return Store(number, value, to, &Reflection::SetEnumValue, &Reflection::AddEnumValue);
  }

  bool ReadNested(const dom::element& value, const Target& to) {
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return Unexpected(value, Expected(*to.field), to.place);
    const Reflection& reflection = *to.message->GetReflection();
    Message* nested = to.field->is_repeated() ? reflection.AddMessage(to.message, to.field)
                                              : reflection.MutableMessage(to.message, to.field);
    return ReadObject(object, &to.place, nested);
  }

  bool Unexpected(const dom::element& value, std::string_view expected, const Place& place) {
    return Fail(kUndecodable, place, "expected " + std::string(expected) + ", found " + Shown(value));
  }

  bool Fail(std::string_view rule, const Place& place, const std::string& what) {
    std::string message;
    AppendJsonString(place.Path(), &message);
    violation_ = Violation{rule, message + ": " + what};
    return false;
  }

  std::optional<Violation> violation_;
};

}  // namespace

std::optional<Violation> ReadJson(std::string_view bytes, Message* message) {
  dom::parser parser;
  dom::object document;
  if (const auto error = parser.parse(bytes.data(), bytes.size()).get(document)) {
    return Violation{kUndecodable, "starts with { but is not a JSON object, send one in UTF-8: " +
                                       std::string(simdjson::error_message(error))};
  }
  message->Clear();
  JsonReader reader;
  reader.ReadObject(document, nullptr, message);
  return reader.TakeViolation();
}

}  // namespace catwalk::schemas
