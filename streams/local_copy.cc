#include "streams/local_copy.h"

#include "base/logging.h"
#include "state/partition_key.h"
#include "streams/changelog.h"
#include "streams/checkpoint.h"
#include "streams/mutation.h"

namespace catwalk::streams {

Status DropLocalCopy(const LocalCopies& copies, int32_t partition) {
  state::WriteBatch batch;
  const auto range = state::PartitionRange(partition);
  for (const auto& [name, store] : copies.stores) batch.DeleteRange(store, range.begin, range.end);
  batch.Delete(copies.checkpoint_store, CheckpointKey(copies.group, partition));
  return copies.database.Write(batch);
}

Result<ReplayStart> StartReplay(const LocalCopies& copies, int32_t partition, int64_t begin, int64_t end, int64_t now_ms) {
  ASSIGN_OR_RETURN(const auto row, ReadCheckpoint(copies.database.Store(copies.checkpoint_store), copies.group, partition));
  const int64_t reached = row ? row->changelog_offset() : 0;
  const bool outside = reached < begin || reached > end;
  if (row && !outside && !IsUseless(*row, now_ms)) return ReplayStart{.checkpoint = *row, .offset = reached};
  RETURN_IF_ERROR(DropLocalCopy(copies, partition));
  return ReplayStart{.checkpoint = {}, .offset = begin, .in_full = true};
}

void ReplayRecord(const schemas::Record& record, const std::map<std::string, uint32_t>& stores, schemas::Checkpoint* checkpoint,
                  state::WriteBatch* batch) {
  const auto [store, key] = SplitChangelogKey(record.key);
  if (store == kNoStore) {
    const int64_t reached = checkpoint->changelog_offset(), at_ms = checkpoint->committed_at_ms();
    checkpoint->ParseFromArray(record.value.data(), static_cast<int>(record.value.size()));
    checkpoint->set_changelog_offset(reached);
    checkpoint->set_committed_at_ms(at_ms);
    return;
  }
  const auto number = stores.find(std::string(store));
  if (number == stores.end()) return;  // of a store this version no longer has
  const std::string full = state::PartitionKey(record.partition, key);
  if (record.tombstone) {
    if (!Mutated(Mutation::kForgetDeletions)) batch->Delete(number->second, full);
  } else {
    batch->Put(number->second, full, record.value);
  }
}

Result<int> DropUselessCopies(const LocalCopies& copies, LeaseTable& leases, int64_t now_ms) {
  ASSIGN_OR_RETURN(const auto checkpoints, ReadCheckpoints(copies.database.Store(copies.checkpoint_store), copies.group));
  int dropped = 0;
  for (const auto& [partition, checkpoint] : checkpoints) {
    if (!IsUseless(checkpoint, now_ms)) continue;
    const Lease lease(leases, partition, LeaseTable::kCleaner);
    if (!lease.held()) continue;
    RETURN_IF_ERROR(DropLocalCopy(copies, partition));
    catwalk::Log("streams")->info("{}/{}: deleted the local state, which was given up {} h ago", copies.group, partition,
                                  (now_ms - checkpoint.committed_at_ms()) / 3'600'000);
    ++dropped;
  }
  return dropped;
}

}  // namespace catwalk::streams
