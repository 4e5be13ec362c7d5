#pragma once

#include <cstdint>
#include <string_view>

namespace catwalk {

/// XXH3, 64 bits: the stable name of an event id or a design id inside state. Never 0 (0 means "none").
uint64_t Hash64(std::string_view bytes);

/// The mixing of SplitMix64 (Steele, Lea, Flood 2014): of a counter it makes 64 random bits, the same everywhere.
inline uint64_t Mix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// Murmur2 as Apache Kafka's Java client computes it (org.apache.kafka.common.utils.Utils.murmur2).
uint32_t Murmur2(std::string_view bytes);

/// The partition a Java producer's default partitioner gives a key. `partitions` > 0.
int32_t PartitionForKey(std::string_view key, int32_t partitions);

}  // namespace catwalk
