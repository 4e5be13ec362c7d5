#pragma once

#include <optional>
#include <string_view>

#include "schemas/violation.h"

namespace google::protobuf {
class Message;
}

namespace catwalk::schemas {

/// Replaces `message` by what a JSON object says; none if all is well. Members are named as in the .proto, unknown ones
/// are ignored, null is the same as not being there (NaN in an array of floats), of several alike the last one counts.
/// Numbers may stand in strings (64-bit integers from JavaScript do), also "NaN" and "Infinity", which are then for the
/// rules to refuse. Errors name the member: kUndecodable, or kUnknownEnum for an unknown word. Called through Decode
/// (codec.h).
std::optional<Violation> ReadJson(std::string_view bytes, google::protobuf::Message* message);

}  // namespace catwalk::schemas
