#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace catwalk::serve {

/// The text with %XX replaced by its byte, and '+' by a space if `plus_is_space` (queries, not paths). Nothing if an
/// escape is malformed or the result is not UTF-8.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

}  // namespace catwalk::serve
