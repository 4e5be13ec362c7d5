#include "streams/embedded_groups.h"

#include <algorithm>
#include <limits>

#include "streams/checkpoint.h"

namespace catwalk::streams {

Status EmbeddedGroups::Load(const state::KeyValueStore& checkpoints) {
  return VisitCheckpoints(checkpoints,
                          [this](const std::string& group, int32_t partition, const schemas::Checkpoint& checkpoint) {
                            Commit(group, partition, checkpoint);
                          });
}

void EmbeddedGroups::Join(const std::string& group, const std::vector<std::string>& topics) {
  const std::lock_guard lock(mutex_);
  for (const std::string& topic : topics) readers_[topic][group];
}

void EmbeddedGroups::Commit(const std::string& group, int32_t partition, const schemas::Checkpoint& checkpoint) {
  const std::lock_guard lock(mutex_);
  for (const auto& source : checkpoint.sources()) readers_[source.topic()][group][partition] = source.offset();
}

std::optional<int64_t> EmbeddedGroups::LowestCommitted(const std::string& topic, int32_t partition) const {
  const std::lock_guard lock(mutex_);
  const auto readers = readers_.find(topic);
  if (readers == readers_.end()) return std::nullopt;
  int64_t lowest = std::numeric_limits<int64_t>::max();
  for (const auto& [group, positions] : readers->second) {
    const auto found = positions.find(partition);
    lowest = std::min(lowest, found == positions.end() ? 0 : found->second);
  }
  return lowest;
}

}  // namespace catwalk::streams
