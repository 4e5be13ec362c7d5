#pragma once

#include <string>
#include <vector>

#include "tests/chaos/oracle.h"
#include "tests/chaos/task_replay.h"

namespace catwalk::chaos {

/// Compares what stands in the topics of results with what the tasks must have sent, task after task in the order of their
/// sub-topologies and partitions. Returns how many records were compared.
int64_t CheckOutputs(const Evidence& evidence, const std::vector<std::vector<Output>>& expected_by_task,
                     std::vector<std::string>* differences);

/// Ids counted straight from the topic: one list for each event that wants one.
void CheckLists(const Evidence& evidence, std::vector<std::string>* differences);

}  // namespace catwalk::chaos
