#pragma once

#include <memory>

#include "base/clock.h"
#include "state/database.h"
#include "streams/log.h"

namespace catwalk::streams {

struct EmbeddedLogOptions {
  /// How often retention and compaction run, in milliseconds. Default: 60,000; 0: never.
  int64_t cleanup_interval_ms = 60'000;
  /// Bytes appended but not yet read by every group known, above which Append answers kBackpressure. Default: 1 GiB.
  uint64_t max_backlog_bytes = 1ULL << 30;
};

/// Topics kept in stores of `database`, beside the state that is computed from them: one Write holds input positions,
/// outputs and state, so a commit is atomic. Offsets are allotted under the lock that writes, so a reader never passes
/// one that appears later. For one process; `database` and `clock` must outlive it.
Result<std::unique_ptr<Log>> OpenEmbeddedLog(state::Database& database, const Clock& clock,
                                             const EmbeddedLogOptions& options);

}  // namespace catwalk::streams
