#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace google::protobuf {
class EnumDescriptor;
}

namespace catwalk::schemas {

/// In JSON and in tables an enumeration is its bare word: ACTION_TRY_ON of `enum Action` is "try-on".
/// All of these are pure.

/// The number of a word in any case, '-' and '_' alike, with or without the enumeration's prefix. None if unknown.
std::optional<int> ParseEnumWord(const google::protobuf::EnumDescriptor& type, std::string_view word);

/// The word of a number; of several the one declared first. None if the number is not declared.
std::optional<std::string> EnumWord(const google::protobuf::EnumDescriptor& type, int number);

/// All words, for an error message: "purchase, rental, return".
std::string EnumWords(const google::protobuf::EnumDescriptor& type);

}  // namespace catwalk::schemas
