#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace catwalk::streams {

/// Appends an integer so that unsigned numbers order as their bytes do.
template <class T>
void AppendBigEndian(T value, std::string* out) {
  const auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (size_t left = sizeof(T); left > 0; --left) out->push_back(static_cast<char>((bits >> ((left - 1) * 8)) & 0xff));
}

/// Overwrites sizeof(T) bytes of `out` from `at`, which must exist.
template <class T>
void StoreBigEndian(T value, size_t at, std::string* out) {
  std::string bytes;
  AppendBigEndian(value, &bytes);
  out->replace(at, sizeof(T), bytes);
}

/// Reads sizeof(T) bytes from `at`, which must exist.
template <class T>
T ReadBigEndian(std::string_view bytes, size_t at) {
  std::make_unsigned_t<T> bits = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    bits = static_cast<std::make_unsigned_t<T>>((uint64_t{bits} << 8) | static_cast<unsigned char>(bytes[at + i]));
  }
  return static_cast<T>(bits);
}

/// Base-128, low bits first, as Protobuf has it.
inline void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>((value & 0x7f) | 0x80));
  out->push_back(static_cast<char>(value));
}

/// Reads a number at `*at` and moves `*at` behind it; false if the bytes end before it does.
inline bool ReadVarint(std::string_view bytes, size_t* at, uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && *at < bytes.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[(*at)++]);
    *value |= uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

/// Small numbers of either sign as small unsigned ones.
inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); }

}  // namespace catwalk::streams
