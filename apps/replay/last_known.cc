#include "apps/replay/last_known.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace catwalk::apps {
namespace {

std::string_view TakeCell(std::string_view* packed) {
  uint32_t size = 0;
  std::memcpy(&size, packed->data(), sizeof(size));
  const std::string_view cell = packed->substr(sizeof(size), size);
  packed->remove_prefix(sizeof(size) + size);
  return cell;
}

}  // namespace

bool LastKnown::Merge(std::string_view key, std::span<std::string_view> cells) const {
  const auto found = packed_.find(key);
  std::string_view packed = found == packed_.end() ? std::string_view() : std::string_view(found->second);
  bool changed = false;
  for (std::string_view& cell : cells) {
    const std::string_view known = packed.empty() ? std::string_view() : TakeCell(&packed);
    if (cell.empty()) {
      cell = known;
    } else if (cell != known) {
      changed = true;
    }
  }
  return changed;
}

void LastKnown::Remember(std::string_view key, std::span<const std::string_view> cells) {
  std::string packed;
  for (const std::string_view cell : cells) {
    const auto size = static_cast<uint32_t>(cell.size());
    packed.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(cell);
  }
  const auto found = packed_.find(key);
  if (found == packed_.end()) {
    packed_.emplace(key, std::move(packed));
  } else {
    found->second = std::move(packed);
  }
}

}  // namespace catwalk::apps
