#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "schemas/wire_reader.h"

namespace catwalk::schemas {

/// Writes the fields of a Protobuf message one after another, in the order called, into memory that is large enough: what
/// a field holds, and at most kMostOverhead beside. As proto3 has it, a number that is 0 and an empty string are not written.
class WireWriter {
 public:
  static constexpr size_t kMostOverhead = 5 + 10;  // the tag, and a length or a number

  explicit WireWriter(char* at) : at_(at) {}
  /// After the last byte written.
  char* end() const { return at_; }

  void Integer(uint32_t field, int64_t value) {
    if (value == 0) return;
    Tag(field, WireReader::kVarint);
    Varint(static_cast<uint64_t>(value));
  }
  void Float(uint32_t field, float value) {
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    if (bits == 0) return;  // -0 is written
    Tag(field, WireReader::kFixed32);
    std::memcpy(at_, &bits, sizeof bits);
    at_ += sizeof bits;
  }
  void Bytes(uint32_t field, std::string_view bytes) {
    if (!bytes.empty()) Element(field, bytes);
  }
  /// One of repeated strings: it is written even if it is empty.
  void Element(uint32_t field, std::string_view bytes) {
    Tag(field, WireReader::kBytes);
    Varint(bytes.size());
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  /// Begins a message within the message; what is returned is for End.
  char* Begin(uint32_t field) {
    Tag(field, WireReader::kBytes);
    return at_++;  // most lengths take one byte
  }
  void End(char* begun) {
    const auto size = static_cast<size_t>(at_ - begun - 1);
    size_t more = 0;
    for (size_t left = size >> 7; left != 0; left >>= 7) ++more;
    if (more != 0) std::memmove(begun + 1 + more, begun + 1, size);
    at_ = begun;
    Varint(size);
    at_ += size;
  }

 private:
  void Tag(uint32_t field, uint32_t type) { Varint(field << 3 | type); }
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }

  char* at_;
};

}  // namespace catwalk::schemas
