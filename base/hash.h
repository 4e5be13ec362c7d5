#pragma once

#include <cstdint>
#include <string_view>

namespace catwalk {

/// XXH3, 64 bits: the stable name of an event id or a design id inside state. Never 0 (0 means "none").
uint64_t Hash64(std::string_view bytes);

/// Murmur2 as Apache Kafka's Java client computes it (org.apache.kafka.common.utils.Utils.murmur2).
uint32_t Murmur2(std::string_view bytes);

/// The partition a Java producer's default partitioner gives a key. `partitions` > 0.
int32_t PartitionForKey(std::string_view key, int32_t partitions);

}  // namespace catwalk
