// The network fails, or the broker; no process may die of it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <utility>
#include <vector>

#include "streams/kafka_log.h"
#include "tests/chaos/broker_proxy.h"
#include "tests/chaos/judged_installation.h"
#include "tests/testing/kafka_broker.h"

namespace catwalk::chaos {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::Eventually;

/// What a process asks for all the time.
std::vector<Api> AtWork() {
  return {Api::kProduce, Api::kAddPartitionsToTxn, Api::kAddOffsetsToTxn, Api::kTxnOffsetCommit, Api::kEndTxn, Api::kFetch,
          NextProtocol() ? Api::kConsumerGroupHeartbeat : Api::kHeartbeat};
}

/// What it asks for when it starts, or takes partitions over.
std::vector<Api> AtStart() {
  std::vector<Api> apis = {Api::kMetadata, Api::kFindCoordinator, Api::kInitProducerId, Api::kListOffsets, Api::kOffsetFetch};
  if (NextProtocol()) apis.push_back(Api::kConsumerGroupHeartbeat);
  else apis.insert(apis.end(), {Api::kJoinGroup, Api::kSyncGroup});
  return apis;
}

constexpr const char* kRequestTimeout = "CATWALK_KAFKA_REQUEST_TIMEOUT_MS";
constexpr const char* kStandby = "CATWALK_RUN_STANDBY";

uint64_t SeedGiven() {
  const char* given = std::getenv("CATWALK_CHAOS_SEED");
  return given == nullptr ? 11 : std::stoull(given);
}

class NetworkFaults : public ::testing::Test {
 protected:
  NetworkFaults() {
    LimitPatience();
    setenv(kRequestTimeout, "2000", 1);
    setenv(kStandby, NextProtocol() ? "0" : "1", 1);  // it asks for the members all the while, also where nobody answers
  }
  ~NetworkFaults() override {
    unsetenv(kRequestTimeout);
    unsetenv(kStandby);
  }

  void Start() { process_ = judged_.StartFirst(); }
  /// Input arrives, and the fault meets what comes of it.
  void Suffer(const Fault& fault) {
    const int before = proxy_.Fired(fault);
    proxy_.Plan(fault);
    judged_.Append(25);
    ASSERT_TRUE(Eventually([&] { return proxy_.Fired(fault) > before; })) << Describe(fault) << "\n" << Errors();
  }
  void AwaitFirst(const Fault& fault) {
    ASSERT_TRUE(Eventually([&] { return proxy_.Fired(fault) > 0; })) << Describe(fault) << "\n" << Errors();
  }
  /// Whatever it asks for at work.
  void SufferAll(Effect effect, Moment moment, int times) {
    for (int time = 0; time < times; ++time) {
      for (const Api api : AtWork()) ASSERT_NO_FATAL_FAILURE(Suffer({effect, moment, api}));
    }
  }
  /// Any, at work; most of them cuts.
  Fault Draw() {
    constexpr Effect kEffects[] = {Effect::kCut, Effect::kCut, Effect::kCut, Effect::kSilence, Effect::kHold, Effect::kTurnAway};
    const auto effect = kEffects[random_() % std::size(kEffects)];
    const auto moment = static_cast<Moment>(random_() % 5);
    const auto apis = AtWork();
    const auto api = apis[random_() % apis.size()];
    return {effect, moment, api, milliseconds(random_() % 2'500)};
  }
  /// It has lived through all of it, and nothing tells so.
  void ExpectNoTrace() {
    ASSERT_TRUE(Eventually([&] { return judged_.AllListsAreThere(); })) << Errors();
    EXPECT_EQ(process_->Terminate(seconds(20)), 0) << Errors();
    judged_.EndAndJudge(&tally_);
    std::cout << proxy_.Table();
    if (std::getenv("CATWALK_CHAOS_VERBOSE") != nullptr) std::cout << Errors();
  }
  std::string Errors() const { return judged_.installation().ErrorsOf(0); }

  const uint64_t seed_ = SeedGiven();
  CrashTally tally_;
  std::mt19937_64 random_{seed_};
  BrokerProxy proxy_{tests::SharedKafka(), seed_};
  JudgedInstallation judged_{seed_, tests::SharedKafka(), proxy_.Bootstrap()};
  std::unique_ptr<tests::Process> process_;
};

TEST_F(NetworkFaults, OfRequestsThatNeverArriveLeaveNoTrace) {
  Start();
  SufferAll(Effect::kCut, Moment::kBeforeRequest, 1);
  SufferAll(Effect::kCut, Moment::kMidRequest, 2);
  ExpectNoTrace();
}

/// The broker has done what was asked, and the client asks again or gives up.
TEST_F(NetworkFaults, OfAnswersThatNeverArriveLeaveNoTrace) {
  Start();
  SufferAll(Effect::kCut, Moment::kBeforeAnswer, 2);
  SufferAll(Effect::kCut, Moment::kMidAnswer, 1);
  SufferAll(Effect::kCut, Moment::kAfterAnswer, 1);
  ExpectNoTrace();
}

TEST_F(NetworkFaults, OfConnectionsThatFallSilentLeaveNoTrace) {
  Start();
  for (const Moment moment : {Moment::kMidRequest, Moment::kBeforeAnswer}) {
    for (const Api api : {Api::kEndTxn, Api::kFetch}) ASSERT_NO_FATAL_FAILURE(Suffer({Effect::kSilence, moment, api}));
  }
  ExpectNoTrace();
}

/// From shorter than anything waits to longer than a session and a transaction may last.
TEST_F(NetworkFaults, OfASlowNetworkLeaveNoTrace) {
  Start();
  for (const milliseconds lasting : {300ms, 2'500ms}) {
    for (const Moment moment : {Moment::kMidRequest, Moment::kBeforeAnswer}) {
      for (const Api api : {Api::kProduce, Api::kEndTxn}) ASSERT_NO_FATAL_FAILURE(Suffer({Effect::kHold, moment, api, lasting}));
    }
  }
  ExpectNoTrace();
}

TEST_F(NetworkFaults, OfConnectionsTurnedAwayLeaveNoTrace) {
  Start();
  for (const milliseconds lasting : {300ms, 2'500ms}) {
    for (const Api api : {Api::kProduce, Api::kEndTxn}) {
      const int before = proxy_.TurnedAway();
      ASSERT_NO_FATAL_FAILURE(Suffer({Effect::kTurnAway, Moment::kBeforeAnswer, api, lasting}));
      ASSERT_TRUE(Eventually([&] { return proxy_.TurnedAway() > before; }));
    }
  }
  ExpectNoTrace();
}

/// One joins, and for each thing that it or the other asks for then the first try fails.
TEST_F(NetworkFaults, AtAStartLeaveNoTrace) {
  Start();
  for (const Moment moment : {Moment::kMidRequest, Moment::kBeforeAnswer}) {
    for (const Api api : AtStart()) proxy_.Plan({Effect::kCut, moment, api});
    judged_.Append(100);
    const auto second = judged_.StartSecond();
    for (const Api api : AtStart()) ASSERT_NO_FATAL_FAILURE(AwaitFirst({Effect::kCut, moment, api}));
    judged_.Append(100);
    ASSERT_TRUE(Eventually([&] { return judged_.AllListsAreThere(); })) << Errors() << judged_.installation().ErrorsOf(1);
    EXPECT_EQ(second->Terminate(seconds(20)), 0) << judged_.installation().ErrorsOf(1);
  }
  ExpectNoTrace();
}

/// For an answer that may take as long as the slowest other member, unlike any other.
TEST_F(NetworkFaults, OfAConnectionThatFallsSilentWhileItJoinsLeaveNoTrace) {
  if (NextProtocol()) GTEST_SKIP() << "members of KIP-848 ask for nothing that may take long";
  const Fault silence{Effect::kSilence, Moment::kBeforeAnswer, Api::kJoinGroup};
  constexpr int kGroups = 3;
  for (int group = 0; group < kGroups; ++group) proxy_.Plan(silence);
  judged_.Append(100);
  Start();
  ASSERT_TRUE(Eventually([&] { return proxy_.Fired(silence) == kGroups; })) << Errors();
  ExpectNoTrace();
}

/// The next ones do not wait until the last ones have been got over. Another storm: CATWALK_CHAOS_SEED.
TEST_F(NetworkFaults, OnTopOfEachOtherLeaveNoTrace) {
  const int rounds = std::getenv("CATWALK_TEST_LONG") != nullptr ? 12 : 2;
  Start();
  for (int round = 0; round < rounds; ++round) {
    for (int more = 0; more < 3; ++more) proxy_.Plan(Draw());
    ASSERT_NO_FATAL_FAILURE(Suffer(Draw()));
  }
  ExpectNoTrace();
}

/// librdkafka gives an offset of -1001, and no error, for what has not been answered.
TEST_F(NetworkFaults, InAQuestionForOffsetsAreNotTakenForAnAnswer) {
  const SystemClock clock;
  streams::KafkaOptions options;
  options.bootstrap = proxy_.Bootstrap();
  const auto log = streams::OpenKafkaLog(nullptr, clock, options);
  ASSERT_TRUE(log.ok()) << log.status();
  const Fault lost{Effect::kCut, Moment::kBeforeAnswer, Api::kListOffsets};
  proxy_.Plan(lost);
  const auto ends = (*log)->EndOffsets({judged_.installation().TopicName("clicks")}, streams::Isolation::kReadCommitted);
  EXPECT_EQ(proxy_.Fired(lost), 1);
  ASSERT_TRUE(ends.ok()) << ends.status();
  for (const auto& [source, end] : *ends) EXPECT_EQ(end, 0) << source.partition;
}

/// In the middle of what counts: the proxy stops everything there until the broker is dead.
TEST(BrokerFaults, OfABrokerKilledLeaveNoTrace) {
  LimitPatience();
  auto started = tests::KafkaBroker::Start();
  ASSERT_TRUE(started.ok()) << started.status();
  tests::KafkaBroker& broker = **started;
  BrokerProxy proxy(broker.Bootstrap(), 12);
  JudgedInstallation judged(12, broker.Bootstrap(), proxy.Bootstrap());
  const auto process = judged.StartFirst();
  for (const auto& [moment, api] : {std::pair(Moment::kMidRequest, Api::kProduce), std::pair(Moment::kBeforeAnswer, Api::kTxnOffsetCommit),
                                    std::pair(Moment::kBeforeAnswer, Api::kEndTxn)}) {
    const Fault pause{Effect::kHold, moment, api, 1'000ms};
    proxy.Plan(pause);
    judged.Append(300);
    ASSERT_TRUE(Eventually([&] { return proxy.Fired(pause) > 0; })) << judged.installation().ErrorsOf(0);
    broker.Kill();
    const Status restarted = broker.Restart();
    ASSERT_TRUE(restarted.ok()) << restarted;
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
  }
  EXPECT_EQ(process->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(0);
  CrashTally tally;
  judged.EndAndJudge(&tally);
}

}  // namespace
}  // namespace catwalk::chaos
