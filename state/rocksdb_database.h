#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/crash_plan.h"
#include "state/database.h"

namespace catwalk::state {

struct RocksDbOptions {
  /// The folder; made if it does not exist.
  std::string path;
  /// Ceiling in bytes for block cache and memtables together. Default: a quarter of the cgroup's memory limit (of the
  /// machine's memory without one), at most 512 MiB, at least 32 MiB.
  uint64_t memory_bytes = 0;
  /// True: this folder is the only copy of what is in it, so a write-ahead log damaged before its end is refused
  /// (kCorruption). False: opens as of the last write before the damage, as after a power cut; the caller finds the
  /// rest elsewhere by the offsets stored. Default: false.
  bool only_copy = false;
  /// Opens without the lock and without write access, as things stood at the time. Default: false.
  bool read_only = false;
  /// For tests: a death in the middle of a write. Outlives the database. Default: none.
  CrashPlan* crash_plan = nullptr;
};

/// The format of what this program stores. A folder with another one is refused, never changed or deleted.
inline constexpr uint32_t kFormatVersion = 1;

/// Opens (or makes) the database in a folder. Errors: kLocked (another process has it: names the folder and what to
/// do), kIncompatible (unknown format version: names both and what to do), kCorruption, kNoSpace, kNotFound (read_only
/// and no database there), kInvalidArgument (not a folder, no permission).
Result<std::unique_ptr<Database>> OpenRocksDb(const RocksDbOptions& options);

}  // namespace catwalk::state
