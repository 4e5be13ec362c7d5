// What a broker does that is slow, away or too old, and that a real one is not made to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "state/write_batch.h"
#include "streams/kafka_log.h"
#include "tests/streams/kafka_fixture.h"
#include "tests/testing/matchers.h"

namespace catwalk::streams {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
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
