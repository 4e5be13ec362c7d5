#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/status.h"
#include "operators/operator.h"
#include "schemas/topics.h"
#include "streams/log.h"
#include "streams/rejection_breaker.h"

namespace catwalk::streams {

/// When a worker commits: at the first of these.
struct CommitOptions {
  /// Milliseconds since the first uncommitted record, once no more input waits.
  int64_t interval_ms = 10;
  /// The same while more input waits: who is behind anyway gains more by fewer, larger transactions. Never taken for less
  /// than interval_ms. Default: 100.
  int64_t backlog_interval_ms = 100;
  /// Uncommitted records. Default: 10,000.
  int64_t records = 10'000;
  /// Bytes of uncommitted state. Default: 8 MiB.
  int64_t state_bytes = 8LL << 20;
};

/// One consumer group's worth of the topology: its inputs, what a task does with them, and where its state is logged.
struct SubTopology {
  std::string name;                           // "users"; the group is "<app>-users"
  /// Co-partitioned inputs. Records of equal event time are taken in this order.
  std::vector<schemas::Topic> sources;
  schemas::Topic changelog;
  std::vector<schemas::Topic> sinks;          // for Describe and for the check that they exist
  /// The field number of the event time in a record's value (schemas::PeekEventTime); 0: the record's own timestamp.
  int event_time_field = 4;
  /// Makes the pipeline of one task.
  std::function<std::unique_ptr<operators::Pipeline>()> make_pipeline;
  CommitOptions commit;
  RejectionLimit rejections;
  /// Bytes of records buffered per source before it is paused. Default: 4 MiB.
  int64_t source_buffer_bytes = 4LL << 20;
  int workers = 1;
};

/// All sub-topologies, upstream first, and the names of their topics. Immutable once built.
class Topology {
 public:
  Topology(std::string app, schemas::TopicNames names, std::vector<SubTopology> sub_topologies)
      : app_(std::move(app)), names_(std::move(names)), sub_topologies_(std::move(sub_topologies)) {}

  const std::string& app() const { return app_; }
  const schemas::TopicNames& names() const { return names_; }
  const std::vector<SubTopology>& sub_topologies() const { return sub_topologies_; }
  std::string GroupOf(const SubTopology& sub) const { return GroupOf(sub.name); }
  /// Also of one that runs in other processes only.
  std::string GroupOf(const std::string& sub_topology) const { return app_ + "-" + sub_topology; }
  std::vector<std::string> SourceNames(const SubTopology& sub) const;

  /// Checks the topology itself (stores declared twice, topics read by two sub-topologies, no sources) and against a
  /// log: every topic exists (kNotFound, says how to create them), co-partitioned ones have equal partition counts
  /// (kTopicMismatch, names both), global tables have one. Returns the partition counts by topic name.
  Result<std::map<std::string, TopicState>> Validate(Log& log) const;

  /// Prints sub-topologies with their sources, operators, stores and sinks.
  void Describe(std::ostream& out) const;

 private:
  Status CheckStructure() const;
  Status CheckCoPartitioned(const SubTopology& sub, const std::map<std::string, TopicState>& topics) const;
  Status CheckTopics(const std::map<std::string, TopicState>& topics, const std::string& where) const;

  std::string app_;
  schemas::TopicNames names_;
  std::vector<SubTopology> sub_topologies_;
};

}  // namespace catwalk::streams
