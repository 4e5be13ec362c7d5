#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace catwalk::schemas {

/// Walks over the fields of a Protobuf message without decoding it. Never reads outside the bytes it is given; on
/// garbage Next returns false, as at the end.
class WireReader {
 public:
  static constexpr uint32_t kVarint = 0;
  static constexpr uint32_t kFixed64 = 1;
  static constexpr uint32_t kBytes = 2;
  static constexpr uint32_t kFixed32 = 5;

  explicit WireReader(std::string_view message) : at_(message.data()), end_(message.data() + message.size()) {}

  /// Goes to the next field. What the one before it was need not have been looked at.
  bool Next() {
    uint64_t tag = 0;
    if (!ReadVarint(&tag) || tag > UINT32_MAX || tag < 8) return false;
    field_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<uint32_t>(tag & 7U);
    return ReadContent();
  }

  uint32_t field() const { return field_; }
  uint32_t type() const { return type_; }
  /// Of a field of type kVarint.
  uint64_t varint() const { return varint_; }
  /// Of a field of type kBytes; points into the message.
  std::string_view bytes() const { return bytes_; }

  /// A varint at the place reached; false if there is none.
  bool ReadVarint(uint64_t* value) {
    if (at_ != end_ && static_cast<uint8_t>(*at_) < 128) [[likely]] {  // tags and most lengths
      *value = static_cast<uint8_t>(*at_++);
      return true;
    }
    return ReadLongVarint(value);
  }
  std::string_view left() const { return {at_, left_bytes()}; }

 private:
  bool ReadContent() {
    switch (type_) {
      case kVarint: return ReadVarint(&varint_);
      case kBytes: return ReadVarint(&varint_) && Take(varint_);
      case kFixed64: return Take(8);
      case kFixed32: return Take(4);
      default: return false;  // groups: none of our messages has them
    }
  }

  bool ReadLongVarint(uint64_t* value) {
    uint64_t result = 0;
    const char* at = at_;
    for (unsigned shift = 0; at != end_ && shift < 70; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at++);
      result |= static_cast<uint64_t>(byte & 127U) << shift;
      if (byte < 128) {
        at_ = at;
        *value = result;
        return true;
      }
    }
    return false;
  }

  size_t left_bytes() const { return static_cast<size_t>(end_ - at_); }

  bool Take(uint64_t size) {
    if (size > left_bytes()) return false;
    bytes_ = {at_, size};
    at_ += size;
    return true;
  }

  const char* at_;
  const char* end_;
  std::string_view bytes_;
  uint64_t varint_ = 0;
  uint32_t field_ = 0;
  uint32_t type_ = 0;
};

}  // namespace catwalk::schemas
