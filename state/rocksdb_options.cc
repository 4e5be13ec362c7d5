#include "state/rocksdb_options.h"

#include <algorithm>
#include <string>

#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "state/memory_limit.h"
#include "state/rocksdb_log.h"

namespace catwalk::state {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

/// The log is read whole at the next start, so its size is the time that takes: about 0.3 s.
constexpr uint64_t kMaxLogBytes = 64 * kMiB;

rocksdb::CompressionType FastCompression() {
  const auto supported = rocksdb::GetSupportedCompressions();
  const bool lz4 = std::ranges::find(supported, rocksdb::kLZ4Compression) != supported.end();
  return lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

/// A third of the memory for memtables, never so much that the log outgrows its bound first.
uint64_t MemtableBytes(uint64_t memory) { return std::clamp(memory / 3, 8 * kMiB, 2 * kMaxLogBytes); }

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 8 * 1024;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  return table;
}

rocksdb::ColumnFamilyOptions StoreOptions(const std::shared_ptr<rocksdb::Cache>& cache, uint64_t memtable_bytes) {
  rocksdb::ColumnFamilyOptions store;
  store.write_buffer_size = std::min(memtable_bytes / 2, 32 * kMiB);
  store.max_write_buffer_number = 4;
  store.arena_block_size = 256 * 1024;  // the default would give each of many stores a MiB with its first key
  store.target_file_size_base = 32 * kMiB;
  store.max_bytes_for_level_base = 128 * kMiB;
  store.level_compaction_dynamic_level_bytes = true;
  // What has just been flushed is soon compacted; compressing it twice is not worth it.
  store.compression_per_level = {rocksdb::kNoCompression, FastCompression()};
  // Keys that are not there (new users) are told without a search. 10 bits for each of the keys that a memtable holds at
  // some 500 bytes a row.
  store.memtable_whole_key_filtering = true;
  store.memtable_prefix_bloom_size_ratio = 0.0025;
  store.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(cache)));
  return store;
}

rocksdb::DBOptions DatabaseOptions(const RocksDbOptions& options) {
  rocksdb::DBOptions database;
  database.create_if_missing = true;
  database.info_log = RocksDbLog();
  database.max_background_jobs = 2;
  database.max_total_wal_size = kMaxLogBytes;
  database.wal_recovery_mode = options.only_copy ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                                 : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  database.avoid_unnecessary_blocking_io = true;
  database.avoid_flush_during_shutdown = true;  // all that matters is in the log; a quick stop
  database.bytes_per_sync = kMiB;
  database.stats_persist_period_sec = 0;
  database.stats_dump_period_sec = 0;
  database.statistics = rocksdb::CreateDBStatistics();
  database.statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  return database;
}

}  // namespace

RocksDbTuning TuneRocksDb(const RocksDbOptions& options) {
  const uint64_t memory = options.memory_bytes != 0 ? options.memory_bytes : DefaultStoreMemory(MemoryLimit());
  const uint64_t memtables = MemtableBytes(memory);
  RocksDbTuning tuning;
  tuning.memory_bytes = std::max(memory, memtables);
  tuning.cache = rocksdb::NewLRUCache(memory);
  tuning.database = DatabaseOptions(options);
  tuning.database.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(memtables, tuning.cache);
  tuning.store = StoreOptions(tuning.cache, memtables);
  return tuning;
}

}  // namespace catwalk::state
