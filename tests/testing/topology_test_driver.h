#pragma once

#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "schemas/record.h"
#include "schemas/topics.h"
#include "state/database.h"
#include "streams/log.h"
#include "streams/metrics.h"
#include "streams/stepper.h"
#include "streams/topology.h"
#include "tests/testing/manual_clock.h"

namespace catwalk::tests {

/// Runs a whole topology on one thread, with the real tasks and workers, over an embedded log in memory and a clock moved by
/// hand. Failures of the machinery itself end the test (they throw).
class TopologyTestDriver {
 public:
  explicit TopologyTestDriver(streams::Topology topology, int partitions = 1, int k = 8);
  ~TopologyTestDriver();

  /// Adds a record to a topic (key: by murmur2 to a partition) and lets the topology come to rest.
  void PipeInput(schemas::Topic topic, std::string key, std::string value);
  /// The same for a message of the public contract; the key is its user_id, or design_id on `designs`.
  void PipeInput(schemas::Topic topic, const google::protobuf::Message& message);
  /// Adds without processing.
  void Append(schemas::Topic topic, std::string key, std::string value, int32_t partition = -1);
  /// Rounds of all workers and the replica until nothing moves.
  void Settle();
  /// One round of the workers, which has the clock where it is.
  void Round();
  /// Moves the clock and settles.
  void AdvanceClock(int64_t milliseconds);
  /// What has come out of a topic since the last call, all partitions, in order of partition and offset.
  std::vector<schemas::Record> ReadOutput(schemas::Topic topic);
  /// The same, decoded.
  template <class Message>
  std::vector<Message> Read(schemas::Topic topic) {
    std::vector<Message> messages;
    for (const auto& record : ReadOutput(topic)) {
      messages.emplace_back().ParseFromArray(record.value.data(), static_cast<int>(record.value.size()));
    }
    return messages;
  }
  /// Throws workers and replica away and starts new ones over what was committed.
  void Restart();

  /// All rows of a store, "sub-topology/store".
  std::map<std::string, std::string> Rows(const std::string& sub_topology, const std::string& store) const;
  /// The value of a counter of rejected or dropped records.
  double Rejected(const std::string& sub_topology, const std::string& rule);
  double Dropped(const std::string& sub_topology, const std::string& rule);
  double Commits(const std::string& sub_topology);

  ManualClock& clock() { return clock_; }
  state::Database& database() { return *database_; }
  const models::DesignTable& tables() const { return *stepper_->tables(); }

 private:
  streams::WorkerMetrics& MetricsOf(const std::string& sub_topology);

  ManualClock clock_;
  prometheus::Registry registry_;
  streams::Topology topology_;
  std::unique_ptr<state::Database> database_;
  std::unique_ptr<streams::Log> log_;
  std::unique_ptr<streams::LogWriter> writer_;
  std::unique_ptr<streams::Stepper> stepper_;
  std::map<schemas::TopicPartition, int64_t> read_;
};

}  // namespace catwalk::tests
