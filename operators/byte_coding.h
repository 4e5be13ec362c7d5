#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace catwalk::operators {

inline constexpr size_t kMostVarintBytes = 10;

/// Writes at `to`, and returns where it ends.
inline char* PutVarint(uint64_t value, char* to) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}
template <class T>
char* PutFixed(T value, char* to) {
  static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
  std::memcpy(to, &value, sizeof value);
  return to + sizeof value;
}

/// Appends to a string: fixed-width values little endian, integers as Protobuf's varints.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <class T>
  void Fixed(T value) {
    static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
    out_->append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_->push_back(static_cast<char>(value | 0x80));
    out_->push_back(static_cast<char>(value));
  }
  /// Small negative numbers stay short.
  void Zigzag(int64_t value) { Varint(ZigzagOf(value)); }
  void Bytes(std::string_view bytes) {
    Varint(bytes.size());
    out_->append(bytes);
  }
  template <class T>
  void Array(const T* values, size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
    out_->append(reinterpret_cast<const char*>(values), count * sizeof(T));
  }

  static uint64_t ZigzagOf(int64_t value) {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  }

 private:
  std::string* out_;
};

/// Reads what ByteWriter wrote. After the first read past the end everything reads as 0 and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return left_.empty(); }
  size_t left() const { return left_.size(); }

  template <class T>
  T Fixed() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    Array(&value, 1);
    return value;
  }
  template <class T>
  void Array(T* values, size_t count) {
    if (count > left_.size() / sizeof(T)) return Fail();
    if (count == 0) return;
    std::memcpy(values, left_.data(), count * sizeof(T));
    left_.remove_prefix(count * sizeof(T));
  }
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }
  int64_t Zigzag() { return ZigzagTo(Varint()); }
  std::string_view Bytes() {
    const uint64_t size = Varint();
    if (size > left_.size()) {
      Fail();
      return {};
    }
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  /// A count that the rest can hold at `least` bytes each; else fails and gives 0.
  size_t Count(size_t least) {
    const uint64_t count = Varint();
    if (count > left_.size() / least) {
      Fail();
      return 0;
    }
    return count;
  }

  static int64_t ZigzagTo(uint64_t value) {
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }

 private:
  void Fail() {
    ok_ = false;
    left_ = {};
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace catwalk::operators
