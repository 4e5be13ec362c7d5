#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace catwalk::streams {

/// A changelog record's key: the store's name, a zero byte, the key in the store. A task's checkpoint has no store name.
inline std::string ChangelogKey(std::string_view store, std::string_view key) {
  std::string joined;
  joined.reserve(store.size() + 1 + key.size());
  joined.append(store).push_back('\0');
  joined.append(key);
  return joined;
}

/// The store's name (empty: the checkpoint) and the key in it.
inline std::pair<std::string_view, std::string_view> SplitChangelogKey(std::string_view joined) {
  const auto zero = joined.find('\0');
  if (zero == std::string_view::npos) return {joined, {}};
  return {joined.substr(0, zero), joined.substr(zero + 1)};
}

inline constexpr std::string_view kNoStore = "";

}  // namespace catwalk::streams
