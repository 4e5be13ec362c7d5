#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace catwalk::state {

/// Bytes before every key of a partitioned store: the partition, big endian, so that a partition is one range.
inline constexpr size_t kPartitionPrefixBytes = 4;

/// Appends a number as 4 bytes, big endian.
inline void AppendBigEndian(uint32_t number, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>((number >> shift) & 0xff));
}

/// The key in the store of `key` in `partition` (not negative).
inline std::string PartitionKey(int32_t partition, std::string_view key) {
  std::string full;
  full.reserve(kPartitionPrefixBytes + key.size());
  AppendBigEndian(static_cast<uint32_t>(partition), &full);
  return full.append(key);
}

/// A range of keys, [begin, end).
struct KeyRange {
  std::string begin;
  std::string end;
};

/// All keys of a partition (not negative), for Scan, Last and DeleteRange.
inline KeyRange PartitionRange(int32_t partition) {
  KeyRange range;
  AppendBigEndian(static_cast<uint32_t>(partition), &range.begin);
  AppendBigEndian(static_cast<uint32_t>(partition) + 1, &range.end);
  return range;
}

}  // namespace catwalk::state
