#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "schemas/internal.pb.h"
#include "state/key_value_store.h"
#include "state/write_batch.h"
#include "streams/transport.h"

namespace catwalk::streams {

/// The name of the store that holds checkpoint rows: key CheckpointKey(group, partition) (declared in transport.h: the
/// group, a zero byte, the partition in 4 bytes big endian), value a schemas::Checkpoint.
inline constexpr std::string_view kCheckpointStore = "checkpoints";

/// Adds the row that says where a task stands.
void PutCheckpoint(uint32_t store, const std::string& group, int32_t partition, const schemas::Checkpoint& checkpoint,
                   state::WriteBatch* batch);

/// The row of one task; nothing if it has none. kCorruption if it cannot be read.
Result<std::optional<schemas::Checkpoint>> ReadCheckpoint(const state::KeyValueStore& store, const std::string& group,
                                                          int32_t partition);

/// The rows of one group, by partition.
Result<std::map<int32_t, schemas::Checkpoint>> ReadCheckpoints(const state::KeyValueStore& store,
                                                               const std::string& group);

/// Visits the rows of all groups.
using VisitCheckpoint =
    std::function<void(const std::string& group, int32_t partition, const schemas::Checkpoint& checkpoint)>;
Status VisitCheckpoints(const state::KeyValueStore& store, const VisitCheckpoint& visit);

}  // namespace catwalk::streams
