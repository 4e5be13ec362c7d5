#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace google::protobuf {
class Descriptor;
}

namespace catwalk::schemas {

/// Confluent's framing of Protobuf: a 0 byte, the schema's id (4 bytes, big endian), then where the message is declared
/// in its file: a count and that many indexes, all zigzag varints, where the usual [0] is written as a single 0 byte.

/// Removes the frame in front of a message; false if it is damaged. Id and indexes are not looked at: the topic says
/// what a record is, and a producer's own schema may declare it elsewhere in its file.
bool StripConfluentFrame(std::string_view* bytes);

/// Appends the frame of a message of type `type`.
void AppendConfluentFrame(int32_t schema_id, const google::protobuf::Descriptor& type, std::string* out);

}  // namespace catwalk::schemas
