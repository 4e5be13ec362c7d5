#include "tests/testing/topology_test_driver.h"

#include <google/protobuf/message.h>

#include <stdexcept>

#include "state/memory_database.h"
#include "streams/embedded_log.h"

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;

void Require(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

template <class T>
T Require(Result<T> result) {
  Require(result.status());
  return std::move(result).value();
}

std::string StringField(const google::protobuf::Message& message, const char* name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

}  // namespace

TopologyTestDriver::TopologyTestDriver(streams::Topology topology, int partitions, int k)
    : topology_(std::move(topology)), database_(state::MakeMemoryDatabase()) {
  log_ = Require(streams::OpenEmbeddedLog(*database_, clock_, {.cleanup_interval_ms = 0}));
  for (const auto& spec : schemas::AllTopics()) {
    const bool single = spec.partitioning == schemas::Partitioning::kSingle;
    Require(log_->CreateTopic(topology_.names().Of(spec.topic), spec, single ? 1 : partitions));
  }
  writer_ = Require(log_->OpenWriter());
  streams::Replica::Options options;
  options.tables.k = k;
  options.publish_interval_ms = 0;
  stepper_ = Require(streams::Stepper::Open(options, topology_, *log_, *database_, clock_, registry_));
  Settle();
}

TopologyTestDriver::~TopologyTestDriver() = default;

void TopologyTestDriver::Restart() {
  Require(stepper_->Restart());
  Settle();
}

void TopologyTestDriver::PipeInput(schemas::Topic topic, std::string key, std::string value) {
  Append(topic, std::move(key), std::move(value));
  Settle();
}

void TopologyTestDriver::PipeInput(schemas::Topic topic, const google::protobuf::Message& message) {
  const char* key = topic == schemas::Topic::kDesigns ? "design_id" : "user_id";
  PipeInput(topic, StringField(message, key), message.SerializeAsString());
}

void TopologyTestDriver::Append(schemas::Topic topic, std::string key, std::string value, int32_t partition) {
  std::vector<schemas::OutgoingRecord> records(1);
  records[0].topic = topology_.names().Of(topic);
  records[0].partition = partition;
  records[0].key = std::move(key);
  records[0].value = std::move(value);
  Require(writer_->Append(std::move(records)));
}

void TopologyTestDriver::Settle() {
  Require(stepper_->Settle([this] { clock_.Advance(1'000); }));  // makes every commit due
}

void TopologyTestDriver::Round() { Require(stepper_->RoundOfWorkers()); }

void TopologyTestDriver::AdvanceClock(int64_t milliseconds) {
  clock_.Advance(milliseconds);
  Settle();
}

std::vector<schemas::Record> TopologyTestDriver::ReadOutput(schemas::Topic topic) {
  const std::string& name = topology_.names().Of(topic);
  const auto ends = Require(log_->EndOffsets({name}, streams::Isolation::kReadCommitted));
  streams::Offsets from;
  for (const auto& [source, end] : ends) from[source] = read_[source];
  auto reader = Require(log_->OpenReader());
  Require(reader->Assign(from));
  std::map<int32_t, std::vector<schemas::Record>> by_partition;
  for (const auto& [source, end] : ends) {
    while (reader->Position(source) < end) {
      std::vector<schemas::Record> records;
      Require(reader->Poll(milliseconds(0), 1 << 20, &records));
      for (auto& record : records) by_partition[record.partition].push_back(std::move(record));
    }
    read_[source] = end;
  }
  std::vector<schemas::Record> all;
  for (auto& [partition, records] : by_partition) {
    for (auto& record : records) all.push_back(std::move(record));
  }
  return all;
}

std::map<std::string, std::string> TopologyTestDriver::Rows(const std::string& sub_topology, const std::string& store) const {
  std::map<std::string, std::string> rows;
  const uint32_t number = Require(stepper_->StoreNumber(sub_topology, store));
  Require(database_->Store(number).Scan({}, {}, [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  }));
  return rows;
}

double TopologyTestDriver::Rejected(const std::string& sub_topology, const std::string& rule) {
  return MetricsOf(sub_topology).Rejected(rule).Value();
}

double TopologyTestDriver::Dropped(const std::string& sub_topology, const std::string& rule) {
  return MetricsOf(sub_topology).Dropped(rule).Value();
}

double TopologyTestDriver::Commits(const std::string& sub_topology) { return MetricsOf(sub_topology).commits.Value(); }

streams::WorkerMetrics& TopologyTestDriver::MetricsOf(const std::string& sub_topology) {
  if (auto* metrics = stepper_->MetricsOf(sub_topology)) return *metrics;
  throw std::runtime_error("no sub-topology is called " + sub_topology);
}

}  // namespace catwalk::tests
