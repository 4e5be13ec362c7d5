#include "schemas/codec.h"

#include <climits>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include "schemas/confluent_frame.h"
#include "schemas/json_reader.h"

namespace catwalk::schemas {
namespace {

using google::protobuf::Message;

constexpr char kConfluentMagic = '\0';
constexpr char kJsonStart = '{';

Violation Undecodable(const Message& message, std::string_view what) {
  return {kUndecodable, std::string(what) + ": send a " + message.GetDescriptor()->name() +
                            " as Protobuf, as Protobuf in Confluent's frame or as a JSON object"};
}

std::optional<Violation> ParseProtobuf(std::string_view bytes, Message* message) {
  if (bytes.size() <= INT_MAX && message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return std::nullopt;
  }
  return Undecodable(*message, "the " + std::to_string(bytes.size()) + " bytes are not Protobuf with UTF-8 strings");
}

std::optional<Violation> DecodeOther(std::string_view bytes, Message* message) {
  if (bytes.empty()) return Undecodable(*message, "the value is empty");
  if (bytes.front() == kJsonStart) return ReadJson(bytes, message);
  if (!StripConfluentFrame(&bytes)) return Undecodable(*message, "Confluent's frame (first byte 0) is damaged");
  return ParseProtobuf(bytes, message);
}

void AppendProtobuf(const Message& message, size_t size, std::string* out) {
  const size_t start = out->size();
  out->resize(start + size);
  google::protobuf::io::ArrayOutputStream array(out->data() + start, static_cast<int>(size));
  google::protobuf::io::CodedOutputStream coded(&array);
  coded.SetSerializationDeterministic(true);  // hash order must not reach the output
  message.SerializeWithCachedSizes(&coded);
}

Status Unencodable(const Message& message, const std::string& why) {
  return {Code::kInvalidArgument, "cannot encode a " + message.GetDescriptor()->name() + ": " + why};
}

}  // namespace

std::optional<Violation> Decode(std::string_view bytes, Message* message) {
  if (!bytes.empty() && bytes.front() != kConfluentMagic && bytes.front() != kJsonStart) [[likely]] {
    return ParseProtobuf(bytes, message);
  }
  return DecodeOther(bytes, message);
}

Status Encode(const Message& message, Encoding encoding, int32_t schema_id, std::string* out) {
  out->clear();
  if (encoding == Encoding::kJson) {
    AppendJson(message, out);
    return Status::Ok();
  }
  const size_t size = message.ByteSizeLong();
  if (size > INT_MAX) return Unencodable(message, "it is larger than 2 GiB; split it");
  if (encoding == Encoding::kConfluent) {
    if (schema_id < 0) return Unencodable(message, "its schema id is negative; register the schema first");
    AppendConfluentFrame(schema_id, *message.GetDescriptor(), out);
  } else if (size == 0) {
    return Unencodable(message, "it has no field set, so it would have no bytes; set one");
  }
  AppendProtobuf(message, size, out);
  return Status::Ok();
}

}  // namespace catwalk::schemas
