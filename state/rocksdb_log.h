#pragma once

#include <memory>

#include <rocksdb/env.h>

namespace catwalk::state {

/// Takes RocksDB's messages to the log of this folder, at level debug. Instead of its file LOG: Debian's RocksDB 7.8
/// has its assertions on, and one of them ends the process when LOG cannot be written because the disk is full.
std::shared_ptr<rocksdb::Logger> RocksDbLog();

}  // namespace catwalk::state
