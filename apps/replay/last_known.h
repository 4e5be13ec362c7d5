#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace catwalk::apps {

/// What a file has said so far of each user or design, cell by cell, so that only changes are sent. About 100 bytes of
/// memory per key with half a dozen short cells. One thread.
class LastKnown {
 public:
  /// Fills the empty ones of `cells` with what was known. True if a cell that is not empty differs from what was known;
  /// nothing is remembered until Remember. The views are valid until then.
  bool Merge(std::string_view key, std::span<std::string_view> cells) const;
  /// From now on these cells are what is known of the key.
  void Remember(std::string_view key, std::span<const std::string_view> cells);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  // The cells behind one another, each after its length: 4 bytes in the machine's order.
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> packed_;
};

}  // namespace catwalk::apps
