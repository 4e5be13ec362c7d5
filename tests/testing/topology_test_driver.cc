#include "tests/testing/topology_test_driver.h"

#include <google/protobuf/message.h>

#include <stdexcept>

#include "state/memory_database.h"
#include "streams/checkpoint.h"
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
    : k_(k), topology_(std::move(topology)), database_(state::MakeMemoryDatabase()) {
  log_ = Require(streams::OpenEmbeddedLog(*database_, clock_, {.cleanup_interval_ms = 0}));
  for (const auto& spec : schemas::AllTopics()) {
    const bool single = spec.partitioning == schemas::Partitioning::kSingle;
    Require(log_->CreateTopic(topology_.names().Of(spec.topic), spec, single ? 1 : partitions));
  }
  topics_ = Require(topology_.Validate(*log_));
  writer_ = Require(log_->OpenWriter());
  checkpoints_ = Require(database_->OpenStore(streams::kCheckpointStore));
  for (const auto& sub : topology_.sub_topologies()) {
    auto& stage = *stages_.emplace_back(std::make_unique<Stage>());
    stage.sub = &sub;
    stage.metrics = std::make_unique<streams::WorkerMetrics>(registry_, sub.name);
    for (const auto& store : sub.make_pipeline()->Stores()) {
      stage.stores[store.name] = Require(database_->OpenStore(sub.name + "-" + store.name));
    }
  }
  Open();
}

TopologyTestDriver::~TopologyTestDriver() = default;

void TopologyTestDriver::Open() {
  streams::Replica::Options options;
  options.tables.k = k_;
  options.publish_interval_ms = 0;
  replica_ = Require(streams::Replica::Open(options, topology_.names(), *log_, *database_, clock_));
  for (auto& stage : stages_) {
    stage->worker = Require(streams::Worker::Start({.topology = topology_,
                                                    .sub = *stage->sub,
                                                    .topics = topics_,
                                                    .log = *log_,
                                                    .database = *database_,
                                                    .clock = clock_,
                                                    .metrics = *stage->metrics,
                                                    .leases = stage->leases,
                                                    .tables = [this] { return replica_->Current(); },
                                                    .stores = stage->stores,
                                                    .checkpoint_store = checkpoints_,
                                                    .instance = "test",
                                                    .address = ""},
                                                   0, stage->status));
  }
  Settle();
}

void TopologyTestDriver::Restart() {
  for (auto& stage : stages_) stage->worker.reset();
  replica_.reset();
  Open();
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
  const auto ends = [this] {
    std::vector<std::string> names;
    for (const auto& spec : schemas::AllTopics()) names.push_back(topology_.names().Of(spec.topic));
    return Require(log_->EndOffsets(names, streams::Isolation::kReadCommitted));
  };
  constexpr int kMostRounds = 100'000;
  constexpr int kQuietRounds = 3;
  int quiet = 0;
  auto before = ends();
  for (int round = 0; quiet < kQuietRounds; ++round) {
    if (round == kMostRounds) throw std::runtime_error("the topology does not come to rest");
    Require(replica_->Step(milliseconds(0)));
    bool settled = true;
    for (auto& stage : stages_) {
      Require(stage->worker->Step(milliseconds(0)));
      settled = settled && stage->worker->Settled();
    }
    clock_.Advance(1'000);  // makes every commit due
    auto now = ends();
    quiet = settled && now == before ? quiet + 1 : 0;
    before = std::move(now);
  }
}

void TopologyTestDriver::Round() {
  for (auto& stage : stages_) Require(stage->worker->Step(milliseconds(0)));
}

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
  for (const auto& stage : stages_) {
    if (stage->sub->name != sub_topology) continue;
    Require(database_->Store(stage->stores.at(store)).Scan({}, {}, [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    }));
  }
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
  for (const auto& stage : stages_) {
    if (stage->sub->name == sub_topology) return *stage->metrics;
  }
  throw std::runtime_error("no sub-topology is called " + sub_topology);
}

}  // namespace catwalk::tests
