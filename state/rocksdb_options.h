#pragma once

#include <cstdint>
#include <memory>

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include "state/rocksdb_database.h"

namespace catwalk::state {

/// How this program sets RocksDB up: many small values, written often, on few cores and in bounded memory.
struct RocksDbTuning {
  rocksdb::DBOptions database;
  rocksdb::ColumnFamilyOptions store;    // of every column family
  uint64_t memory_bytes = 0;             // of blocks and memtables together
  std::shared_ptr<rocksdb::Cache> cache; // of blocks; memtables are charged to it, so its usage is the memory in use
};

RocksDbTuning TuneRocksDb(const RocksDbOptions& options);

}  // namespace catwalk::state
