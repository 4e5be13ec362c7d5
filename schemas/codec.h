#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "schemas/json_writer.h"  // AppendJson belongs to what a user of this header looks for
#include "schemas/violation.h"

namespace google::protobuf {
class Message;
}

namespace catwalk::schemas {

/// How a message is written as the value of a record. Reading tells them apart by the first byte.
enum class Encoding {
  kProtobuf,   // the bare message; its first byte is never one of the others'
  kConfluent,  // first byte 0: Confluent's frame (schema id, message indexes), then Protobuf
  kJson,       // first byte '{': one object, snake_case names as in the .proto, enumerations as bare words
};

/// Replaces `message` by what `bytes` hold, in any encoding; none if all is well. The rules broken may be kUndecodable
/// and kUnknownEnum (an unknown word; an unknown number is let through, as Protobuf does, and left to Check). After a
/// violation `message` is unspecified. No bytes at all are undecodable. Unknown Protobuf fields are kept and
/// written again by Encode; unknown JSON members are ignored. Pure; any thread.
///
/// Protobuf itself logs a line to stderr when a string is not UTF-8; a program that reads what others send should
/// switch that off (google::protobuf::SetLogHandler(nullptr)).
std::optional<Violation> Decode(std::string_view bytes, google::protobuf::Message* message);

/// Replaces `*out` by the message. Equal messages give equal bytes (maps are sorted). `schema_id` (not negative) is for
/// kConfluent only. kInvalidArgument if the message could not be read again: an empty one as bare Protobuf has no
/// bytes, one of 2 GiB or more has too many.
Status Encode(const google::protobuf::Message& message, Encoding encoding, int32_t schema_id, std::string* out);

}  // namespace catwalk::schemas
