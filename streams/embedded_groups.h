#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/internal.pb.h"
#include "state/key_value_store.h"

namespace catwalk::streams {

/// Which groups read a topic and how far each has committed: those with checkpoint rows and those that have opened a
/// transport since. Bounds the backlog and what clean-up may take. Safe to call from any thread.
class EmbeddedGroups {
 public:
  /// Takes in the rows of the store of checkpoints.
  Status Load(const state::KeyValueStore& checkpoints);
  /// Says that `group` reads `topics`, from the beginning where it has committed nothing.
  void Join(const std::string& group, const std::vector<std::string>& topics);
  void Commit(const std::string& group, int32_t partition, const schemas::Checkpoint& checkpoint);

  /// The lowest offset any group that reads the topic has committed, 0 if one has committed nothing of this partition;
  /// nothing if nobody reads the topic.
  std::optional<int64_t> LowestCommitted(const std::string& topic, int32_t partition) const;

 private:
  using Positions = std::map<int32_t, int64_t>;  // by partition
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, Positions>> readers_;  // by topic, then group
};

}  // namespace catwalk::streams
