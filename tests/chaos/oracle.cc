#include "tests/chaos/oracle.h"

#include "tests/chaos/lineage_replay.h"
#include "tests/chaos/output_checks.h"
#include "tests/chaos/state_checks.h"

namespace catwalk::chaos {

Verdict Judge(const Evidence& evidence) {
  Verdict verdict;
  std::vector<std::vector<Output>> outputs;
  for (const SubTopology& sub : SubTopologies(evidence.names, evidence.partitions)) {
    MapDatabase database;
    for (int32_t partition = 0; partition < sub.partitions; ++partition) {
      ReplayedTask replayed = Replay(evidence, sub, partition, database, &verdict.differences);
      verdict.inputs += replayed.inputs;
      CheckPositions(evidence, {sub, partition, replayed}, &verdict.differences);
      outputs.push_back(std::move(replayed.outputs));
    }
    verdict.rows += CheckRows(evidence, sub, database, &verdict.differences);
  }
  verdict.outputs = CheckOutputs(evidence, outputs, &verdict.differences);
  CheckLists(evidence, &verdict.differences);
  return verdict;
}

}  // namespace catwalk::chaos
