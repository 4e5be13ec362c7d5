#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace catwalk::schemas {

/// Appends `bytes` in base64 with padding (RFC 4648, section 4).
void AppendBase64(std::string_view bytes, std::string* out);

/// The bytes of padded base64; none if it is anything else.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace catwalk::schemas
