// What a broker does that is slow, away or too old, and that a real one is not made to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "state/write_batch.h"
#include "streams/kafka_log.h"
#include "tests/streams/kafka_fixture.h"
#include "tests/testing/matchers.h"

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::HasCode;
using tests::HasMessage;
using tests::IsOk;

using SimulatedBrokerTest = KafkaTest;

// Kinds of requests, as the protocol numbers them.
constexpr int16_t kInitProducerId = 22;
constexpr int16_t kConsumerGroupHeartbeat = 68;
constexpr int16_t kProduce = 0;
constexpr int16_t kEndTxn = 26;

TEST_F(SimulatedBrokerTest, SaysThatABrokerKnowsNoTransactions) {
  SimulatedBroker broker("in");
  broker.Refuse(kInitProducerId);
  KafkaOptions options;
  options.bootstrap = broker.bootstrap();
  options.transaction_timeout_ms = 2000;
  auto log = OpenKafkaLog(database_.get(), clock_, options);
  ASSERT_THAT(log, IsOk());
  const Status status = (*log)->FenceIdentities("group", "test", 1);
  EXPECT_THAT(status, HasCode(Code::kUnsupported));
  EXPECT_THAT(status, HasMessage(HasSubstr("use a newer broker")));
}

/// What a worker's commit comes to when its partition is taken away and the broker is slow to answer `request`.
class LateAnswerTest : public KafkaTest {
 protected:
  Status CommitOnRevocation(int16_t request) {
    SimulatedBroker broker("in");
    KafkaOptions options;
    options.bootstrap = broker.bootstrap();
    options.revocation_timeout_ms = 500;
    const auto log = std::move(OpenKafkaLog(database_.get(), clock_, options)).value();
    KafkaTestWorker first(*log, Options({"in"}, 1)), second(*log, Options({"in"}, 0));
    EXPECT_THAT(first.Start(), IsOk());
    EXPECT_TRUE(first.PollUntilOwned(1));
    Status status;
    first.on_revoked = [&] {
      EXPECT_THAT(first.transport().Produce(Record("in", "pending")), IsOk());
      broker.AnswerLate(request, seconds(8));
      state::WriteBatch batch;
      const auto began = steady_clock::now();
      status = first.transport().Commit({.tasks = {{.partition = 0, .checkpoint = At("in", 0)}}, .state = &batch});
      took_ = steady_clock::now() - began;
    };
    EXPECT_THAT(second.Start(), IsOk());
    EXPECT_TRUE(first.PollUntil([&] { return first.revocations() == 1; }));
    return status;
  }
  steady_clock::duration took_{};
};

TEST_F(LateAnswerTest, ToARecordAbortsInTimeWhatARevokedPartitionHasPending) {
  EXPECT_TRUE(CommitOnRevocation(kProduce).abortable());
  EXPECT_LT(took_, seconds(2));
}

TEST_F(LateAnswerTest, ToACommitEndsTheWorkerInTimeAsOnlyANewOneCanLearnHowItEnded) {
  EXPECT_TRUE(CommitOnRevocation(kEndTxn).fatal());
  EXPECT_LT(took_, seconds(2));
}

/// What a client takes for stored because what came after it is, as after a move of leaders.
class InferredDeliveryTest : public KafkaTest {
 protected:
  void SetUp() override {
    KafkaTest::SetUp();
    KafkaOptions options;
    options.bootstrap = broker_.bootstrap();
    log_ = std::move(OpenKafkaLog(database_.get(), clock_, options)).value();
  }
  SimulatedBroker broker_{"in"};
};

TEST_F(InferredDeliveryTest, OfAWriterIsMadeCertain) {
  auto writer = std::move(log_->OpenWriter()).value();
  ASSERT_THAT(writer->Append({Record("in", "before")}), IsOk());
  ASSERT_THAT(writer->Sync(seconds(20)), IsOk());
  broker_.RefuseLate(kProduce, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, milliseconds(300));
  schemas::OutgoingRecord first = Record("in", "first");
  first.timestamp_ms = 1'700'000'000'000;
  first.headers = {{"h", "of the first"}, {"h", ""}};
  ASSERT_THAT(writer->Append({first}), IsOk());
  std::this_thread::sleep_for(milliseconds(100));  // else both go in one request
  ASSERT_THAT(writer->Append({Record("in", "second")}), IsOk());
  ASSERT_THAT(writer->Sync(seconds(20)), IsOk());
  EXPECT_THAT(ReadAll("in", 0), ElementsAre("before", "second", "first"));
  const auto again = ReadRecords("in", 0).back();
  EXPECT_EQ(again.key, first.key);
  EXPECT_EQ(again.timestamp_ms, first.timestamp_ms);
  EXPECT_EQ(again.headers, first.headers);
}

TEST_F(InferredDeliveryTest, OfAWriterIsMadeCertainOfATombstone) {
  auto writer = std::move(log_->OpenWriter()).value();
  broker_.RefuseLate(kProduce, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, {});
  schemas::OutgoingRecord record = Record("in", "");
  record.tombstone = true;
  ASSERT_THAT(writer->Append({record}), IsOk());
  ASSERT_THAT(writer->Sync(seconds(20)), IsOk());
  const auto stored = ReadRecords("in", 0);
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_TRUE(stored[0].tombstone);
}

/// The broker says that a record is missing that the client knows to be stored: it ends, and so would all later appends.
TEST_F(InferredDeliveryTest, ThatABrokerDeniesEndsAProducerButNotItsWriter) {
  auto writer = std::move(log_->OpenWriter()).value();
  ASSERT_THAT(writer->Append({Record("in", "before")}), IsOk());
  ASSERT_THAT(writer->Sync(seconds(20)), IsOk());
  broker_.RefuseLate(kProduce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, milliseconds(100));
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(writer->Append({Record("in", std::to_string(i))}), IsOk());
    std::this_thread::sleep_for(milliseconds(4));
  }
  ASSERT_THAT(writer->Sync(seconds(20)), IsOk());
  const auto stored = ReadAll("in", 0);
  for (int i = 0; i < 50; ++i) EXPECT_THAT(stored, Contains(std::to_string(i)));
}

TEST_F(InferredDeliveryTest, AbortsATransaction) {
  KafkaTestWorker worker(*log_, Options({"in"}));
  ASSERT_THAT(worker.Start(), IsOk());
  ASSERT_TRUE(worker.PollUntilOwned(1));
  broker_.RefuseLate(kProduce, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, {});
  ASSERT_THAT(worker.transport().Produce(Record("in", "first")), IsOk());
  state::WriteBatch batch;
  EXPECT_TRUE(worker.transport().Commit({.tasks = {{.partition = 0, .checkpoint = At("in", 0)}}, .state = &batch}).abortable());
}

/// librdkafka crashes where it finds a coordinator for a question that nobody waits for any more.
TEST_F(SimulatedBrokerTest, AskingForMembersWhileTheBrokerIsAwayDoesNoHarmWhenItIsBack) {
  SimulatedBroker broker("in");
  KafkaOptions options;
  options.bootstrap = broker.bootstrap();
  options.request_timeout_ms = 200;
  auto log = OpenKafkaLog(database_.get(), clock_, options);
  ASSERT_THAT(log, IsOk());
  broker.GoAway();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE((*log)->Members("group", "in").status().retryable());
  broker.ComeBack();
  const auto deadline = steady_clock::now() + seconds(20);
  while (!(*log)->ListTopics().ok() && steady_clock::now() < deadline) {
  }
  EXPECT_THAT((*log)->ListTopics(), IsOk());
  (void)(*log)->Members("group", "in");  // not everything a broker knows is simulated
  EXPECT_THAT((*log)->ListTopics(), IsOk());
}

/// librdkafka never ends a client that waits for a coordinator and has been told too often that there is none.
TEST_F(SimulatedBrokerTest, AQuestionWhoseCoordinatorIsLostEndsInTime) {
  SimulatedBroker broker("in", 2);
  for (const char* group : {"group", "catwalk-admin"}) broker.MoveCoordinatorToTheSilent(group);
  KafkaOptions options;
  options.bootstrap = broker.bootstrap();
  options.request_timeout_ms = 3000;
  options.properties = {{"reconnect.backoff.max.ms", "100"}};
  auto log = OpenKafkaLog(database_.get(), clock_, options);
  ASSERT_THAT(log, IsOk());
  const std::jthread loss([&] {
    std::this_thread::sleep_for(milliseconds(300));
    broker.LoseCoordinators();
    broker.GoAway();
    std::this_thread::sleep_for(milliseconds(1'300));  // a coordinator that does not answer is asked for anew after a second
    broker.ComeBack();
  });
  const auto began = steady_clock::now();
  EXPECT_TRUE((*log)->CommittedOffsets("group", {"in"}).status().retryable());
  EXPECT_LT(steady_clock::now() - began, seconds(20));
}

TEST_F(SimulatedBrokerTest, SaysThatABrokerDoesNotKnowTheGroupProtocol) {
  SimulatedBroker broker("in");
  broker.Refuse(kConsumerGroupHeartbeat);
  KafkaOptions options;
  options.bootstrap = broker.bootstrap();
  options.request_timeout_ms = 2000;
  options.group_protocol = "consumer";
  auto log = OpenKafkaLog(database_.get(), clock_, options);
  ASSERT_THAT(log, IsOk());
  KafkaTestWorker worker(**log, Options({"in"}));
  EXPECT_THAT(worker.Start(), HasCode(Code::kUnsupported));
}

}  // namespace
}  // namespace catwalk::streams
