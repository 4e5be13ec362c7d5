#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace google::protobuf {
class Descriptor;
}

namespace catwalk::schemas {

/// The topics of Catwalk, by role. What a role's topic is called is configuration.
enum class Topic {
  kClicks, kPurchases, kActivity, kFeedback, kProfiles,       // in, keyed by user, co-partitioned
  kDesigns,                                                   // in, the catalogue, a global table
  kDesignUpdates, kModelUpdates,                              // between sub-topologies
  kDesignFactors, kModel,                                     // global tables
  kRecommendations, kTrends, kLineage, kDeadLetters,          // out
  kUsersChangelog, kDesignsChangelog, kModelChangelog,        // state
};

enum class Cleanup { kDelete, kCompact };

/// How many partitions a topic has: as many as user tasks, as design tasks, or one.
enum class Partitioning { kByUser, kByDesign, kSingle };

/// One row of the table of topics.
struct TopicSpec {
  Topic topic;
  std::string_view default_name;
  std::string_view key;                                   // what the key is, for people
  const google::protobuf::Descriptor* value;              // null: bytes of several kinds (changelogs, dead letters)
  Partitioning partitioning;
  Cleanup cleanup;
  int64_t retention_ms;                                   // -1: for ever
  int64_t min_compaction_lag_ms;                          // 0: none
  bool personal;                                          // holds personal data
  std::string_view purpose;
};

/// All topics, in the order of `Topic`.
const std::vector<TopicSpec>& AllTopics();
const TopicSpec& SpecOf(Topic topic);

/// The names in use, and their partition counts. A value, copied freely.
class TopicNames {
 public:
  TopicNames();  // the defaults
  /// kInvalidConfig if two topics would share a name, or the name is not a legal Kafka topic name.
  Status Rename(Topic topic, std::string name);
  const std::string& Of(Topic topic) const { return names_[static_cast<size_t>(topic)]; }
  /// The topic of that name or default name, if any.
  const TopicSpec* Find(std::string_view name) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace catwalk::schemas
