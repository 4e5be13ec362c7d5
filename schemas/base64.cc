#include "schemas/base64.h"

#include <algorithm>
#include <cstdint>

namespace catwalk::schemas {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t PaddingOf(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

/// Three bytes of up to three, the first one highest; what is missing is 0.
uint32_t Pack(std::string_view bytes) {
  uint32_t packed = 0;
  for (size_t i = 0; i < 3; ++i) packed = packed << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0U);
  return packed;
}

}  // namespace

void AppendBase64(std::string_view bytes, std::string* out) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<size_t>(3, bytes.size()))) {
    const uint32_t packed = Pack(bytes.substr(0, 3));
    for (size_t i = 0; i < 4; ++i) {
      *out += i <= bytes.size() ? kAlphabet[packed >> (18 - 6 * i) & 63U] : '=';
    }
  }
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  text.remove_suffix(PaddingOf(text));
  std::string bytes;
  uint32_t packed = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    packed = packed << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(packed >> bits & 255U);
  }
  return bytes;
}

}  // namespace catwalk::schemas
