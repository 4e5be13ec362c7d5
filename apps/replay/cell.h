#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string_view>

#include "schemas/violation.h"

namespace catwalk::apps {

/// Puts the text of one cell into a field of `message`; a repeated field gets one more element. Numbers must parse as a
/// whole, fields named *_at_ms take times (see ParseTime), flags are true/false, yes/no or 1/0, an enumeration is its
/// bare word in any case as in JSON. On a violation the field is as it was.
std::optional<schemas::Violation> SetCell(google::protobuf::Message* message,
                                          const google::protobuf::FieldDescriptor& field, std::string_view cell);

/// Puts a text into the map<string, string> `field`.
void SetMapEntry(google::protobuf::Message* message, const google::protobuf::FieldDescriptor& field,
                 std::string_view key, std::string_view value);

}  // namespace catwalk::apps
