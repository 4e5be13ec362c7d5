#include "schemas/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "schemas/base64.h"
#include "schemas/enum_words.h"

namespace catwalk::schemas {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

/// Fields up to this number identify a message and are written even when they have their default value.
constexpr int kLastIdentifying = 4;

void AppendNumber(std::integral auto value, std::string* out) {
  char digits[24];
  out->append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

void AppendNumber(std::floating_point auto value, std::string* out) {
  if (!std::isfinite(value)) {
    *out += "null";
  } else if (value == 0) {
    *out += std::signbit(value) ? "-0.0" : "0";  // readers take "-0" for an integer and lose the sign
  } else {
    // Readers also take long digits without a point for an integer, and then for one that is too large.
    constexpr auto kInteger = 1e15;
    char digits[40];
    const auto end = std::abs(static_cast<double>(value)) < kInteger
                         ? std::to_chars(digits, digits + sizeof(digits), value)
                         : std::to_chars(digits, digits + sizeof(digits), value, std::chars_format::scientific);
    out->append(digits, end.ptr);
  }
}

void AppendEnum(const EnumDescriptor& type, int number, std::string* out) {
  if (const auto word = EnumWord(type, number)) {
    AppendJsonString(*word, out);
  } else {
    AppendNumber(number, out);
  }
}

void AppendText(const FieldDescriptor& field, const std::string& text, std::string* out) {
  if (field.type() != FieldDescriptor::TYPE_BYTES) return AppendJsonString(text, out);
  *out += '"';
  AppendBase64(text, out);
  *out += '"';
}

/// One singular value.
void AppendValue(const Message& message, const FieldDescriptor* field, std::string* out) {
  const Reflection& from = *message.GetReflection();
  std::string scratch;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: return AppendNumber(from.GetInt32(message, field), out);
    case FieldDescriptor::CPPTYPE_INT64: return AppendNumber(from.GetInt64(message, field), out);
    case FieldDescriptor::CPPTYPE_UINT32: return AppendNumber(from.GetUInt32(message, field), out);
    case FieldDescriptor::CPPTYPE_UINT64: return AppendNumber(from.GetUInt64(message, field), out);
    case FieldDescriptor::CPPTYPE_DOUBLE: return AppendNumber(from.GetDouble(message, field), out);
    case FieldDescriptor::CPPTYPE_FLOAT: return AppendNumber(from.GetFloat(message, field), out);
    case FieldDescriptor::CPPTYPE_BOOL: out->append(from.GetBool(message, field) ? "true" : "false"); return;
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendEnum(*field->enum_type(), from.GetEnumValue(message, field), out);
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendText(*field, from.GetStringReference(message, field, &scratch), out);
    case FieldDescriptor::CPPTYPE_MESSAGE: return AppendJson(from.GetMessage(message, field), out);
  }
}

/// The value at `i` of a repeated field.
void AppendElement(const Message& message, const FieldDescriptor* field, int i, std::string* out) {
  const Reflection& from = *message.GetReflection();
  std::string scratch;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: return AppendNumber(from.GetRepeatedInt32(message, field, i), out);
    case FieldDescriptor::CPPTYPE_INT64: return AppendNumber(from.GetRepeatedInt64(message, field, i), out);
    case FieldDescriptor::CPPTYPE_UINT32: return AppendNumber(from.GetRepeatedUInt32(message, field, i), out);
    case FieldDescriptor::CPPTYPE_UINT64: return AppendNumber(from.GetRepeatedUInt64(message, field, i), out);
    case FieldDescriptor::CPPTYPE_DOUBLE: return AppendNumber(from.GetRepeatedDouble(message, field, i), out);
    case FieldDescriptor::CPPTYPE_FLOAT: return AppendNumber(from.GetRepeatedFloat(message, field, i), out);
    case FieldDescriptor::CPPTYPE_BOOL: out->append(from.GetRepeatedBool(message, field, i) ? "true" : "false"); return;
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendEnum(*field->enum_type(), from.GetRepeatedEnumValue(message, field, i), out);
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendText(*field, from.GetRepeatedStringReference(message, field, i, &scratch), out);
    case FieldDescriptor::CPPTYPE_MESSAGE: return AppendJson(from.GetRepeatedMessage(message, field, i), out);
  }
}

void AppendArray(const Message& message, const FieldDescriptor* field, std::string* out) {
  const int size = message.GetReflection()->FieldSize(message, field);
  *out += '[';
  for (int i = 0; i < size; ++i) {
    if (i > 0) *out += ',';
    AppendElement(message, field, i, out);
  }
  *out += ']';
}

std::string MapKey(const Message& entry) {
  return entry.GetReflection()->GetString(entry, entry.GetDescriptor()->map_key());
}

/// Keys are strings in all our messages (a test says so).
void AppendMap(const Message& message, const FieldDescriptor* field, std::string* out) {
  const Reflection& from = *message.GetReflection();
  std::vector<const Message*> entries;
  for (int i = 0; i < from.FieldSize(message, field); ++i) {
    entries.push_back(&from.GetRepeatedMessage(message, field, i));
  }
  std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return MapKey(*a) < MapKey(*b); });
  *out += '{';
  for (const Message* entry : entries) {
    if (entry != entries.front()) *out += ',';
    AppendJsonString(MapKey(*entry), out);
    *out += ':';
    AppendValue(*entry, entry->GetDescriptor()->map_value(), out);
  }
  *out += '}';
}

bool IsWritten(const Message& message, const FieldDescriptor* field) {
  const Reflection& from = *message.GetReflection();
  if (field->number() <= kLastIdentifying && !field->has_presence()) return true;
  return field->is_repeated() ? from.FieldSize(message, field) > 0 : from.HasField(message, field);
}

void AppendMember(const Message& message, const FieldDescriptor* field, std::string* out) {
  AppendJsonString(field->name(), out);
  *out += ':';
  if (field->is_map()) return AppendMap(message, field, out);
  if (field->is_repeated()) return AppendArray(message, field, out);
  AppendValue(message, field, out);
}

}  // namespace

void AppendJson(const Message& message, std::string* out) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  char separator = '{';
  for (int i = 0; i < type.field_count(); ++i) {
    if (!IsWritten(message, type.field(i))) continue;
    *out += separator;
    separator = ',';
    AppendMember(message, type.field(i), out);
  }
  if (separator == '{') *out += '{';
  *out += '}';
}

}  // namespace catwalk::schemas
