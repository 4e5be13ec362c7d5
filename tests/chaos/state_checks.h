#pragma once

#include <string>
#include <vector>

#include "tests/chaos/lineage_replay.h"

namespace catwalk::chaos {

/// A task of the installation, and what it must have come to.
struct JudgedTask {
  const SubTopology& sub;
  int32_t partition;
  const ReplayedTask& replayed;
};

/// Compares, both ways, the rows of all partitions of a sub-topology with those of the replay, and on Kafka with what the changelog
/// comes to. Returns how many rows there are.
int64_t CheckRows(const Evidence& evidence, const SubTopology& sub, MapDatabase& replayed, std::vector<std::string>* differences);

/// Positions and stream time: of the replay, beside the state, in the changelog and of the group.
void CheckPositions(const Evidence& evidence, const JudgedTask& task, std::vector<std::string>* differences);

}  // namespace catwalk::chaos
