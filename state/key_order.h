#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace catwalk::state {

/// The first 8 bytes as a number that compares as they do; what is missing counts as 0.
inline uint64_t LeadingBytes(std::string_view bytes) {
  uint64_t number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
}

/// Sorts entries by their member `key`, in byte order. They lie far apart and often begin alike, so they are compared by the bytes behind
/// what all have in common, and only looked at where these are equal.
template <class Entry>
void SortByKey(std::vector<Entry*>* entries) {
  if (entries->empty()) return;
  const std::string_view first = entries->front()->key;
  size_t common = first.size();
  for (const Entry* entry : *entries) {
    const std::string_view key = entry->key;
    common = static_cast<size_t>(std::ranges::mismatch(first.substr(0, common), key).in1 - first.begin());
  }
  std::vector<std::pair<uint64_t, Entry*>> order;
  order.reserve(entries->size());
  for (Entry* entry : *entries) order.emplace_back(LeadingBytes(std::string_view(entry->key).substr(common)), entry);
  std::ranges::sort(order, [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : a.second->key < b.second->key; });
  std::ranges::transform(order, entries->begin(), [](const auto& of) { return of.second; });
}

}  // namespace catwalk::state
