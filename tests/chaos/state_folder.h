#pragma once

#include <map>
#include <string>

namespace catwalk::chaos {

using Rows = std::map<std::string, std::string>;
/// Rows of every store, by the store's name.
using Stores = std::map<std::string, Rows>;

/// What a state folder holds that no process has open, by RocksDB itself and after its own check of all checksums; the embedded
/// log's records are left out. Throws what goes wrong.
Stores ReadStateFolder(const std::string& folder);

}  // namespace catwalk::chaos
