#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/topics.h"
#include "streams/log.h"

namespace catwalk::apps {

/// A topic as it should be against what there is.
struct PlannedTopic {
  const schemas::TopicSpec* spec = nullptr;
  std::string name;
  int32_t wanted = 0;  // partitions
  int32_t found = 0;   // 0: it does not exist
  bool mismatch() const { return found != 0 && found != wanted; }
};

/// All topics, in the order of the table. Topics keyed alike must have equally many partitions: as many as the first of
/// them there is, else `default_partitions`.
std::vector<PlannedTopic> PlanTopics(const schemas::TopicNames& names,
                                     const std::map<std::string, streams::TopicState>& found, int32_t default_partitions);

/// The plan as an aligned table for people. `looked`: whether `found` says anything.
std::string DescribePlan(const std::vector<PlannedTopic>& plan, bool looked);

/// The same for programs: one JSON object a line. "found" is absent unless `looked`; retention_ms is -1 for ever.
std::string PlanJson(const std::vector<PlannedTopic>& plan, bool looked);

/// kTopicMismatch that names the first topic with a wrong number of partitions, else OK.
Status CheckPlan(const std::vector<PlannedTopic>& plan);

}  // namespace catwalk::apps
