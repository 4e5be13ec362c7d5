#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/chaos/map_database.h"
#include "tests/chaos/oracle.h"
#include "tests/chaos/task_replay.h"

namespace catwalk::chaos {

/// What one task must have done by its lineage.
struct ReplayedTask {
  std::map<std::string, int64_t> positions;  // by topic: after the last record taken
  int64_t stream_time_ms = 0;
  int64_t inputs = 0;
  std::vector<Output> outputs;
};

/// Does again what one task did. What is wrong with the lineage itself (a record left out, one taken twice) is appended to
/// `differences`.
ReplayedTask Replay(const Evidence& evidence, const SubTopology& sub, int32_t partition, MapDatabase& database,
                    std::vector<std::string>* differences);

}  // namespace catwalk::chaos
