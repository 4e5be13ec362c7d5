#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/status.h"
#include "state/write_batch.h"

namespace catwalk::state {

/// Ok if a store may have this name: [a-z0-9-]+, and not "default", which RocksDB keeps for itself.
inline Status CheckStoreName(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (!name.empty() && name != "default" && std::ranges::all_of(name, allowed)) return Status::Ok();
  return {Code::kInvalidArgument,
          "no store can be called \"" + std::string(name) + "\"; use lower-case letters, digits and -, not default"};
}

/// Ok if a database with `open` stores has all that the batch names.
inline Status CheckStores(const WriteBatch& batch, size_t open) {
  if (batch.stores() <= open) return Status::Ok();
  return {Code::kInvalidArgument, "a batch names store " + std::to_string(batch.stores() - 1) + " of " +
                                      std::to_string(open) + " open ones; use the numbers OpenStore gives"};
}

}  // namespace catwalk::state
