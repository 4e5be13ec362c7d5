#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "state/memory_database.h"
#include "streams/kafka_log.h"
#include "streams/log.h"
#include "tests/chaos/broker_proxy.h"
#include "tests/streams/kafka_fixture.h"
#include "tests/streams/log_contract.h"
#include "tests/testing/free_port.h"
#include "tests/testing/matchers.h"

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::HasCode;
using tests::HasMessage;
using tests::IsOk;

KafkaOptions Unreachable() {
  KafkaOptions options;
  options.bootstrap = "127.0.0.1:" + std::to_string(*tests::FreePort());
  options.request_timeout_ms = 500;
  return options;
}

TEST(OpenKafkaLog, SaysThatNoBrokerAnswersInBoundedTime) {
  const SystemClock clock;
  const KafkaOptions options = Unreachable();
  const auto begin = steady_clock::now();
  const auto log = OpenKafkaLog(nullptr, clock, options);
  EXPECT_LT(steady_clock::now() - begin, seconds(5));
  EXPECT_THAT(log, HasCode(Code::kUnavailable));
  EXPECT_THAT(log, HasMessage("no broker answers at " + options.bootstrap +
                              " within 500 ms; check --kafka, or leave it out for the embedded log"));
}

TEST(OpenKafkaLog, RefusesAPropertyThatLibrdkafkaDoesNotKnow) {
  const SystemClock clock;
  KafkaOptions options = Unreachable();
  options.properties["security.protocoll"] = "ssl";
  const auto log = OpenKafkaLog(nullptr, clock, options);
  EXPECT_THAT(log, HasCode(Code::kInvalidConfig));
  EXPECT_THAT(log, HasMessage(HasSubstr("security.protocoll")));
}

TEST(OpenKafkaLog, RefusesAGroupProtocolItDoesNotKnow) {
  const SystemClock clock;
  KafkaOptions options = Unreachable();
  options.group_protocol = "cooperative";
  EXPECT_THAT(OpenKafkaLog(nullptr, clock, options), HasCode(Code::kInvalidConfig));
}

class KafkaBackend final : public LogBackend {
 public:
  Result<std::unique_ptr<Log>> OpenLog() override {
    KafkaOptions options;
    options.bootstrap = TestBroker();
    return OpenKafkaLog(database_.get(), clock_, options);
  }
  state::Database& database() override { return *database_; }

 private:
  const SystemClock clock_;
  const std::unique_ptr<state::Database> database_ = state::MakeMemoryDatabase();
};

INSTANTIATE_TEST_SUITE_P(Kafka, LogContract,
                         testing::Values(LogBackendFactory{"Kafka", [] { return std::make_unique<KafkaBackend>(); }}),
                         [](const auto& test) { return test.param.name; });

using KafkaLogTest = KafkaTest;

TEST_F(KafkaLogTest, MakesATopicOnceAndListsIt) {
  const std::string topic = MakeTopic("topic", 3);
  EXPECT_EQ(MakeTopic("topic", 3), topic);
  const auto topics = log_->ListTopics();
  ASSERT_THAT(topics, IsOk());
  EXPECT_EQ(topics->at(topic).partitions, 3);
}

/// A client that has just begun does not always ask again by itself.
TEST_F(KafkaLogTest, ListsTopicsWhereConnectionsAreLostAtAStart) {
  for (int round = 0; round < 10; ++round) {
    chaos::BrokerProxy proxy(TestBroker(), 1);
    KafkaOptions options;
    options.bootstrap = proxy.Bootstrap();
    const auto log = OpenKafkaLog(database_.get(), clock_, options);
    ASSERT_THAT(log, IsOk());
    const chaos::Fault cut{chaos::Effect::kCut, chaos::Moment::kBeforeAnswer, chaos::Api::kMetadata};
    for (int i = 0; i < 4; ++i) proxy.Plan(cut);
    EXPECT_THAT((*log)->ListTopics().status(), IsOk());
    EXPECT_GT(proxy.Fired(cut), 0);
  }
}

TEST_F(KafkaLogTest, OffsetsOfATopicThatDoesNotExistAreAnError) {
  EXPECT_THAT(log_->EndOffsets({Name("none")}, Isolation::kReadCommitted), HasCode(Code::kNotFound));
}

TEST_F(KafkaLogTest, AGroupThatNeverWasHasCommittedNothing) {
  const std::string topic = MakeTopic("in", 1);
  const auto offsets = log_->CommittedOffsets(Name("none"), {topic});
  ASSERT_THAT(offsets, IsOk());
  EXPECT_TRUE(offsets->empty());
}

TEST_F(KafkaLogTest, AppendsToNoTopicThatDoesNotExist) {
  auto writer = log_->OpenWriter();
  ASSERT_THAT(writer, IsOk());
  EXPECT_THAT((*writer)->Append({Record(Name("none"), "v")}), HasCode(Code::kNotFound));
  EXPECT_THAT((*writer)->Sync(seconds(10)), IsOk());
  const auto topics = log_->ListTopics();
  ASSERT_THAT(topics, IsOk());
  EXPECT_FALSE(topics->contains(Name("none")));
}

TEST(KafkaWriter, RefusesRecordsWhileTooMuchIsOnItsWayAndTakesThemLater) {
  const SystemClock clock;
  SimulatedBroker broker("in");
  KafkaOptions options;
  options.bootstrap = broker.bootstrap();
  auto log = OpenKafkaLog(nullptr, clock, options);
  ASSERT_THAT(log, IsOk());
  auto writer = (*log)->OpenWriter();
  ASSERT_THAT(writer, IsOk());
  schemas::OutgoingRecord record;
  record.topic = "in";
  record.value = std::string(900'000, 'x');
  ASSERT_THAT((*writer)->Append({record}), IsOk());
  ASSERT_THAT((*writer)->Sync(seconds(20)), IsOk());
  broker.Delay(seconds(2));
  const std::vector<schemas::OutgoingRecord> many(60, record);
  ASSERT_THAT((*writer)->Append(many), IsOk());
  const Status refused = (*writer)->Append(many);
  EXPECT_THAT(refused, HasCode(Code::kBackpressure));
  EXPECT_TRUE(refused.retryable());
  EXPECT_THAT((*writer)->Sync(milliseconds(10)), HasCode(Code::kTimeout));
  broker.Delay(milliseconds(0));
  ASSERT_THAT((*writer)->Sync(seconds(60)), IsOk());
  EXPECT_THAT((*writer)->Append(many), IsOk());
}

TEST_F(KafkaLogTest, ReportsADeliveryThatFailedOnce) {
  const std::string topic = MakeTopic("in", 1);
  auto writer = log_->OpenWriter();
  ASSERT_THAT(writer, IsOk());
  auto record = Record(topic, "v");
  record.timestamp_ms = clock_.NowMs() + 48LL * 3600 * 1000;  // too far ahead for the broker
  ASSERT_THAT((*writer)->Append({record}), IsOk());
  EXPECT_FALSE((*writer)->Sync(seconds(20)).ok());
  ASSERT_THAT((*writer)->Append({Record(topic, "w")}), IsOk());
  EXPECT_THAT((*writer)->Sync(seconds(20)), IsOk());
  EXPECT_THAT(ReadAll(topic, 0), ElementsAre("w"));
}

TEST_F(KafkaLogTest, AReaderStartsAtTheBeginningIfToldToStartBeforeIt) {
  const std::string topic = MakeTopic("in", 1);
  Fill(topic, 0, 2);
  auto reader = log_->OpenReader();
  ASSERT_THAT(reader, IsOk());
  ASSERT_THAT((*reader)->Assign({{{topic, 0}, -7}}), IsOk());
  EXPECT_EQ((*reader)->Position({topic, 0}), 0);
}

TEST_F(KafkaLogTest, AReaderKeepsToTheBytesItIsGiven) {
  const std::string topic = MakeTopic("in", 1);
  Fill(topic, 0, 1000);
  auto reader = log_->OpenReader();
  ASSERT_THAT(reader, IsOk());
  ASSERT_THAT((*reader)->Assign({{{topic, 0}, 0}}), IsOk());
  std::vector<schemas::Record> records;
  const auto deadline = steady_clock::now() + seconds(20);
  while (records.empty() && steady_clock::now() < deadline)
    ASSERT_THAT((*reader)->Poll(milliseconds(10), 1, &records), IsOk());
  EXPECT_EQ(records.size(), 1U);
}

TEST_F(KafkaLogTest, AReaderAssignedAgainStartsOver) {
  const std::string topic = MakeTopic("in", 1);
  Fill(topic, 0, 1000);
  auto reader = log_->OpenReader();
  ASSERT_THAT(reader, IsOk());
  std::vector<schemas::Record> records;
  for (const int64_t from : {0, 500, 10}) {
    ASSERT_THAT((*reader)->Assign({{{topic, 0}, from}}), IsOk());
    records.clear();
    const auto deadline = steady_clock::now() + seconds(20);
    while (records.size() < 100 && steady_clock::now() < deadline)
      ASSERT_THAT((*reader)->Poll(milliseconds(10), 1 << 20, &records), IsOk());
    ASSERT_GE(records.size(), 100U);
    for (size_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i].offset, from + static_cast<int64_t>(i));
  }
}

TEST_F(KafkaLogTest, AReaderAssignedAgainMayGoAtOnce) {
  const std::string topic = MakeTopic("in", 4);
  const Offsets all = {{{topic, 0}, 0}, {{topic, 1}, 0}, {{topic, 2}, 0}, {{topic, 3}, 0}};
  for (int i = 0; i < 10; ++i) {
    auto reader = log_->OpenReader();
    ASSERT_THAT(reader, IsOk());
    ASSERT_THAT((*reader)->Assign(all), IsOk());
    ASSERT_THAT((*reader)->Assign(all), IsOk());
  }
}

}  // namespace
}  // namespace catwalk::streams
