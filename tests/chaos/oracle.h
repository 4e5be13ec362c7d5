#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "schemas/topics.h"
#include "tests/chaos/state_folder.h"
#include "tests/chaos/topic_contents.h"

namespace catwalk::chaos {

/// All that an installation has left, once it has come to the end of its input and rests.
struct Evidence {
  std::string app;
  schemas::TopicNames names;
  int32_t partitions = 0;
  TopicContents topics;
  Stores state;                                          // of the process that had every task last
  bool on_kafka = false;
  std::map<schemas::TopicPartition, int64_t> committed;  // of all groups; on Kafka only
  std::set<std::string> wanted;                          // ids of the events that want a list
};

struct Verdict {
  std::vector<std::string> differences;   // none: all is as it must be
  int64_t inputs = 0;                     // records taken, of all sub-topologies
  int64_t outputs = 0;                    // records compared
  int64_t rows = 0;                       // of state
};

/// Does again, on one thread, what `lineage` says was done, and compares both ways: what came out, the state that is left, and the
/// positions. Uses operators, models and schemas over maps, and the typed table of state/ on top of these, which operators cannot do
/// without; nothing else of state/ and nothing of streams/.
Verdict Judge(const Evidence& evidence);

}  // namespace catwalk::chaos
