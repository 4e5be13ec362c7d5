#include "base/hash.h"

#include <xxhash.h>

#include <cstring>

namespace catwalk {

uint64_t Hash64(std::string_view bytes) {
  const uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  return hash == 0 ? 1 : hash;
}

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  uint32_t h = 0x9747b28cU ^ static_cast<uint32_t>(left);
  for (; left >= 4; at += 4, left -= 4) {
    uint32_t word = 0;
    std::memcpy(&word, at, 4);  // little endian, as Java assembles it
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    h = (h * kMultiplier) ^ word;
  }
  if (left >= 3) h ^= static_cast<uint32_t>(at[2]) << 16;
  if (left >= 2) h ^= static_cast<uint32_t>(at[1]) << 8;
  if (left >= 1) h = (h ^ at[0]) * kMultiplier;
  h ^= h >> 13;
  h *= kMultiplier;
  h ^= h >> 15;
  return h;
}

int32_t PartitionForKey(std::string_view key, int32_t partitions) {
  return static_cast<int32_t>(Murmur2(key) & 0x7fffffffU) % partitions;
}

}  // namespace catwalk
