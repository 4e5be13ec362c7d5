#include "tests/streams/kafka_fixture.h"

#include <random>
#include <utility>

#include "schemas/topics.h"
#include "state/memory_database.h"
#include "streams/checkpoint.h"
#include "tests/testing/kafka_environment.h"
#include "tests/testing/matchers.h"

/// librdkafka 2.15.1 forgets the queue it wants the answer on when a broker does not know the consumer group protocol, and the question to a
/// coordinator that it could not find.
extern "C" const char* __lsan_default_suppressions() { return "leak:rd_kafka_q_new0\nleak:rd_kafka_coord_req\n"; }

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;
using tests::IsOk;

auto* const kEnvironment = new tests::KafkaEnvironment;  // GoogleTest owns it
[[maybe_unused]] auto* const kRegistered = ::testing::AddGlobalTestEnvironment(kEnvironment);

constexpr std::chrono::seconds kPatience{20};

}  // namespace

std::string TestBroker() {
  const auto bootstrap = kEnvironment->Bootstrap();
  EXPECT_THAT(bootstrap, IsOk());
  return bootstrap.ok() ? *bootstrap : "";
}

SimulatedBroker::SimulatedBroker(const std::string& topic, int brokers) {
  rd_kafka_conf_t* const config = rd_kafka_conf_new();
  rd_kafka_conf_set(config, "test.mock.num.brokers", "1", nullptr, 0);
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, config, nullptr, 0));
  cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), brokers));
  rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_.get(), 0);
  rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(), 1, 1);
}

void SimulatedBroker::MoveCoordinatorToTheSilent(const std::string& group) {
  rd_kafka_mock_broker_set_rtt(cluster_.get(), 2, 60'000);
  rd_kafka_mock_coordinator_set(cluster_.get(), "group", group.c_str(), 2);
}

void SimulatedBroker::LoseCoordinators() {
  constexpr int16_t kFindCoordinator = 10;
  const std::vector<rd_kafka_resp_err_t> answers(1'000, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
  rd_kafka_mock_push_request_errors_array(cluster_.get(), kFindCoordinator, answers.size(), answers.data());
}

KafkaTestWorker::KafkaTestWorker(Log& log, const TransportOptions& options) {
  auto transport = log.OpenTransport(options);
  EXPECT_THAT(transport, IsOk());
  transport_ = std::move(transport).value();
}

bool KafkaTestWorker::PollUntil(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done() && std::chrono::steady_clock::now() < deadline)
    EXPECT_THAT(transport_->Poll(milliseconds(10), &read_), IsOk());
  return done();
}

void KafkaTestWorker::OnAssigned(std::span<const int32_t> partitions) {
  owned_.insert(partitions.begin(), partitions.end());
  for (const int32_t partition : partitions)
    EXPECT_THAT(transport_->StartPartition(partition, starts_[partition]), IsOk());
}

void KafkaTestWorker::OnRevoked(std::span<const int32_t> partitions) {
  if (on_revoked) on_revoked();
  ++revocations_;
  for (const int32_t partition : partitions) owned_.erase(partition);
}

void KafkaTestWorker::OnLost(std::span<const int32_t> partitions) {
  for (const int32_t partition : partitions) owned_.erase(partition);
}

void KafkaTest::SetUp() {
  unique_ = std::to_string(std::random_device{}());
  database_ = state::MakeMemoryDatabase();
  auto store = database_->OpenStore(kCheckpointStore);
  ASSERT_THAT(store, IsOk());
  checkpoints_ = *store;
  KafkaOptions options;
  options.bootstrap = TestBroker();
  auto log = OpenKafkaLog(database_.get(), clock_, options);
  ASSERT_THAT(log, IsOk());
  log_ = std::move(log).value();
}

std::string KafkaTest::MakeTopic(const std::string& name, int32_t partitions) {
  const std::string topic = Name(name);
  EXPECT_THAT(log_->CreateTopic(topic, schemas::SpecOf(schemas::Topic::kClicks), partitions), IsOk());
  return topic;
}

TransportOptions KafkaTest::Options(const std::vector<std::string>& topics, int worker) const {
  TransportOptions options;
  options.group = Name("group");
  options.topics = topics;
  options.instance = "test";
  options.worker = worker;
  options.changelog_topic = changelog_;
  options.checkpoint_store = checkpoints_;
  return options;
}

void KafkaTest::Fill(const std::string& topic, int32_t partition, int count) {
  auto writer = log_->OpenWriter();
  ASSERT_THAT(writer, IsOk());
  std::vector<schemas::OutgoingRecord> records;
  for (int i = 0; i < count; ++i) records.push_back(Record(topic, std::to_string(i), partition));
  ASSERT_THAT((*writer)->Append(std::move(records)), IsOk());
  ASSERT_THAT((*writer)->Sync(std::chrono::seconds(20)), IsOk());
}

std::vector<schemas::Record> KafkaTest::ReadRecords(const std::string& topic, int32_t partition) {
  auto reader = log_->OpenReader();
  EXPECT_THAT(reader, IsOk());
  const schemas::TopicPartition source{topic, partition};
  EXPECT_THAT((*reader)->Assign({{source, 0}}), IsOk());
  const auto ends = log_->EndOffsets({topic}, Isolation::kReadUncommitted);
  EXPECT_THAT(ends, IsOk());
  std::vector<schemas::Record> records;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while ((*reader)->Position(source) < ends->at(source) && std::chrono::steady_clock::now() < deadline)
    EXPECT_THAT((*reader)->Poll(milliseconds(10), 1 << 20, &records), IsOk());
  EXPECT_EQ((*reader)->Position(source), ends->at(source));
  return records;
}

std::vector<std::string> KafkaTest::ReadAll(const std::string& topic, int32_t partition) {
  std::vector<std::string> values;
  for (const auto& record : ReadRecords(topic, partition)) values.emplace_back(record.value);
  return values;
}

int64_t KafkaTest::End(const std::string& topic, Isolation isolation) {
  const auto ends = log_->EndOffsets({topic}, isolation);
  EXPECT_THAT(ends, IsOk());
  return ends.ok() ? ends->at({topic, 0}) : -1;
}

schemas::Checkpoint KafkaTest::StoredCheckpoint(int32_t partition) const {
  const auto stored = ReadCheckpoint(database_->Store(checkpoints_), Name("group"), partition);
  EXPECT_THAT(stored, IsOk());
  return stored.ok() && stored->has_value() ? **stored : schemas::Checkpoint();
}

schemas::Checkpoint KafkaTest::At(const std::string& topic, int64_t offset) {
  schemas::Checkpoint checkpoint;
  auto& source = *checkpoint.add_sources();
  source.set_topic(topic);
  source.set_offset(offset);
  return checkpoint;
}

schemas::OutgoingRecord KafkaTest::Record(const std::string& topic, const std::string& value, int32_t partition) {
  schemas::OutgoingRecord record;
  record.topic = topic;
  record.partition = partition;
  record.key = "key";
  record.value = value;
  return record;
}

}  // namespace catwalk::streams
