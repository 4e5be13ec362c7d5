#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/status.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "state/database.h"
#include "streams/lease_table.h"

namespace catwalk::streams {

/// The copies of its tasks' state that a process keeps for one sub-topology. The changelog is the original, so a copy is only
/// there to start from quickly: one of a task that was given up waits for the task's return.
struct LocalCopies {
  state::Database& database;
  std::string group;
  uint32_t checkpoint_store = 0;
  std::map<std::string, uint32_t> stores;  // declared name to number
};

/// Age in ms, since its last commit, from which a copy is of no use: half of Kafka's delete.retention.ms, after which the
/// changelog no longer tells what was deleted meanwhile. 12 h.
inline constexpr int64_t kOldestCopyMs = 12LL * 3'600'000;

/// True of the copy whose checkpoint this is.
inline bool IsUseless(const schemas::Checkpoint& checkpoint, int64_t now_ms) {
  return now_ms - checkpoint.committed_at_ms() > kOldestCopyMs;
}

/// Deletes the state and the checkpoint of one task.
Status DropLocalCopy(const LocalCopies& copies, int32_t partition);

/// Where the changelog goes on for a copy.
struct ReplayStart {
  schemas::Checkpoint checkpoint;
  int64_t offset = 0;
  bool in_full = false;  // there is no copy, or there was none of use
};

/// Looks where the copy of a task stands in a changelog of [begin, end). One that is of no use, or not within, is dropped, to
/// be made anew from `begin`. The caller has the task's lease.
Result<ReplayStart> StartReplay(const LocalCopies& copies, int32_t partition, int64_t begin, int64_t end, int64_t now_ms);

/// Adds to `batch` what a record of the changelog does to a copy: it is a row of one of `stores`, or says where the task
/// stood. How far the copy has come itself, and when, is the caller's to say.
void ReplayRecord(const schemas::Record& record, const std::map<std::string, uint32_t>& stores, schemas::Checkpoint* checkpoint,
                  state::WriteBatch* batch);

/// Deletes the copies that are of no use any more and that no worker of this process holds; none of them can take hold of
/// one meanwhile. Returns how many there were.
Result<int> DropUselessCopies(const LocalCopies& copies, LeaseTable& leases, int64_t now_ms);

}  // namespace catwalk::streams
