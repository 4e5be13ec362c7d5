#include "streams/local_copy.h"

#include "base/logging.h"
#include "state/partition_key.h"
#include "streams/checkpoint.h"

namespace catwalk::streams {
namespace {

/// Who drops copies holds leases under a number that no worker has.
constexpr int kNoWorker = -1;

}  // namespace

Status DropLocalCopy(const LocalCopies& copies, int32_t partition) {
  state::WriteBatch batch;
  const auto range = state::PartitionRange(partition);
  for (const auto& [name, store] : copies.stores) batch.DeleteRange(store, range.begin, range.end);
  batch.Delete(copies.checkpoint_store, CheckpointKey(copies.group, partition));
  return copies.database.Write(batch);
}

Result<int> DropUselessCopies(const LocalCopies& copies, LeaseTable& leases, int64_t now_ms) {
  ASSIGN_OR_RETURN(const auto checkpoints, ReadCheckpoints(copies.database.Store(copies.checkpoint_store), copies.group));
  int dropped = 0;
  for (const auto& [partition, checkpoint] : checkpoints) {
    if (!IsUseless(checkpoint, now_ms) || !leases.TryAcquire(partition, kNoWorker)) continue;
    const Status status = DropLocalCopy(copies, partition);
    leases.Release(partition, kNoWorker);
    RETURN_IF_ERROR(status);
    catwalk::Log("streams")->info("{}/{}: deleted the local state, which was given up {} h ago", copies.group, partition,
                                  (now_ms - checkpoint.committed_at_ms()) / 3'600'000);
    ++dropped;
  }
  return dropped;
}

}  // namespace catwalk::streams
