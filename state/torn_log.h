#pragma once

#include <memory>

#include <rocksdb/env.h>

#include "base/crash_plan.h"

namespace catwalk::state {

/// RocksDB's way to the disk, but for a write to its log at which `plan` has the program die (CrashPoint::kMidLocalWrite): of that one
/// half the bytes are written. `plan` outlives it.
std::unique_ptr<rocksdb::Env> EnvWithTornLog(CrashPlan& plan);

}  // namespace catwalk::state
