#include <cstdint>

#include "schemas/json_writer.h"

namespace catwalk::schemas {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void AppendEscaped(char c, std::string* out) {
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  constexpr std::string_view kHex = "0123456789abcdef";
  *out += '\\';
  if (const size_t named = kNamed.find(c); named != std::string_view::npos) {
    *out += kNames[named];
    return;
  }
  *out += "u00";
  *out += kHex[static_cast<uint8_t>(c) >> 4];
  *out += kHex[static_cast<uint8_t>(c) & 15U];
}

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0U) == 0x80; }

/// What the lead byte of a sequence allows (Unicode 15, table 3-7): its length, and the range of its second byte, which
/// keeps out overlong forms, surrogates and what is past U+10FFFF.
struct Lead {
  size_t length;
  uint8_t low;
  uint8_t high;
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {4, 0x80, 0xBF};
}

/// The length of the UTF-8 sequence of two bytes or more that `text` starts with; 0 if it does not.
size_t SequenceLength(std::string_view text) {
  const Lead lead = LeadOf(static_cast<uint8_t>(text[0]));
  if (lead.length == 0 || text.size() < lead.length) return 0;
  const auto second = static_cast<uint8_t>(text[1]);
  if (second < lead.low || second > lead.high) return 0;
  for (size_t i = 2; i < lead.length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  return lead.length;
}

bool IsPlain(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

size_t PlainPrefix(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && IsPlain(text[length])) ++length;
  return length;
}

/// Appends what one or more bytes at the start of `text` become; returns how many they were.
size_t AppendSpecial(std::string_view text, std::string* out) {
  if (static_cast<uint8_t>(text[0]) < 0x80) {
    AppendEscaped(text[0], out);
    return 1;
  }
  const size_t length = SequenceLength(text);
  out->append(length == 0 ? kReplacement : text.substr(0, length));
  return length == 0 ? 1 : length;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  while (!text.empty()) {
    const size_t plain = PlainPrefix(text);
    out->append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (!text.empty()) text.remove_prefix(AppendSpecial(text, out));
  }
  *out += '"';
}

}  // namespace catwalk::schemas
