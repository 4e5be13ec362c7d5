#include "streams/checkpoint.h"

#include "streams/embedded_bytes.h"

namespace catwalk::streams {
namespace {

constexpr size_t kSuffixBytes = 1 + sizeof(int32_t);

Status Damaged(std::string_view group) {
  return {Code::kCorruption, "a checkpoint of group \"" + std::string(group) + "\" cannot be read; restore the state "
                             "folder from a copy, or delete it and start over"};
}

Status VisitRange(const state::KeyValueStore& store, const std::string& begin, const std::string& end,
                  const VisitCheckpoint& visit) {
  Status outcome;
  const Status scan = store.Scan(begin, end, [&](std::string_view key, std::string_view value) {
    schemas::Checkpoint checkpoint;
    if (key.size() <= kSuffixBytes || !checkpoint.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      outcome = Damaged(key.substr(0, key.find('\0')));
      return false;
    }
    const size_t group_bytes = key.size() - kSuffixBytes;
    visit(std::string(key.substr(0, group_bytes)), ReadBigEndian<int32_t>(key, group_bytes + 1), checkpoint);
    return true;
  });
  RETURN_IF_ERROR(scan);
  return outcome;
}

}  // namespace

std::string CheckpointKey(const std::string& group, int32_t partition) {
  std::string key = group;
  key.push_back('\0');
  AppendBigEndian(partition, &key);
  return key;
}

void PutCheckpoint(uint32_t store, const std::string& group, int32_t partition, const schemas::Checkpoint& checkpoint,
                   state::WriteBatch* batch) {
  batch->Put(store, CheckpointKey(group, partition), checkpoint.SerializeAsString());
}

Result<std::optional<schemas::Checkpoint>> ReadCheckpoint(const state::KeyValueStore& store, const std::string& group,
                                                          int32_t partition) {
  std::string value;
  ASSIGN_OR_RETURN(const bool found, store.Get(CheckpointKey(group, partition), &value));
  if (!found) return std::optional<schemas::Checkpoint>();
  schemas::Checkpoint checkpoint;
  if (!checkpoint.ParseFromString(value)) return Damaged(group);
  return std::optional<schemas::Checkpoint>(std::move(checkpoint));
}

Result<std::map<int32_t, schemas::Checkpoint>> ReadCheckpoints(const state::KeyValueStore& store,
                                                               const std::string& group) {
  std::map<int32_t, schemas::Checkpoint> found;
  const std::string end = group + '\1';
  RETURN_IF_ERROR(VisitRange(store, group + '\0', end,
                             [&](const std::string&, int32_t partition, const schemas::Checkpoint& checkpoint) {
                               found[partition] = checkpoint;
                             }));
  return found;
}

Status VisitCheckpoints(const state::KeyValueStore& store, const VisitCheckpoint& visit) {
  return VisitRange(store, "", "", visit);
}

}  // namespace catwalk::streams
