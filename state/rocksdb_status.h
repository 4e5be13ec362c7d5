#pragma once

#include <string>

#include <rocksdb/status.h>

#include "base/status.h"

namespace catwalk::state {

/// A RocksDB status about the database in `folder` as ours: one line that says what to do.
Status FromRocksDb(const rocksdb::Status& status, const std::string& folder);

}  // namespace catwalk::state
