#pragma once

#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace catwalk::schemas {

/// Appends a message as one line of JSON that Decode reads back: names as in the .proto, 64-bit integers as plain
/// numbers, enumerations as lower-case words ("try-on"; an undeclared one as its number), the shortest digits that give
/// the same float again, NaN and infinities as null, bytes in base64, maps sorted by key. Left out is what is not set
/// or has its default value, save for the fields numbered 1 to 4 (in an event the ids and the time), which are always
/// there unless they are optional or messages. Equal messages give equal lines.
void AppendJson(const google::protobuf::Message& message, std::string* out);

/// Appends `text` as a JSON string, quotes included. Each byte that is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace catwalk::schemas
