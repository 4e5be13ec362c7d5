// A member whose commit is not answered is not waited for by its group.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "tests/chaos/broker_proxy.h"
#include "tests/chaos/judged_installation.h"

namespace catwalk::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using tests::Eventually;

constexpr milliseconds kTimeout{1'000};  // kafka.revocation_timeout_ms
/// A second for the abort, one until librdkafka looks for answers that are due, and what it takes to begin anew and to join.
constexpr milliseconds kBound = kTimeout + milliseconds(3'500);
/// Members of KIP-848 hear from their group every so often, as the broker has it.
milliseconds Heartbeat() { return milliseconds(NextProtocol() ? 5'000 : 0); }
/// Longer than that, so that nobody gets there by waiting, and shorter than a transaction or a session may last.
constexpr milliseconds kHeld{8'000};

/// What runs a program so that these sub-topologies of it commit when they have to, and not because it is time.
std::vector<std::string> CommittingNever(const std::vector<std::string>& subs) {
  std::vector<std::string> command = {"env"};
  for (const std::string& sub : subs) {
    for (const char* limit : {"_COMMIT_INTERVAL_MS=60000", "_COMMIT_BACKLOG_INTERVAL_MS=60000", "_COMMIT_RECORDS=1000000"})
      command.push_back("CATWALK_" + sub + limit);
  }
  return command;
}

class Revocation : public ::testing::TestWithParam<Fault> {
 protected:
  Revocation() { setenv(kTimeoutName, std::to_string(kTimeout.count()).c_str(), 1); }
  ~Revocation() override {
    unsetenv(kTimeoutName);
  }

  /// From the moment when the fault has met its request until a second process has tasks.
  void ExpectTasksInTime(steady_clock::time_point begin) {
    const auto has_tasks = [&] { return judged_.installation().UserMetric("catwalk_tasks", 1) > 0; };
    ASSERT_TRUE(Eventually(has_tasks)) << Errors();
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    std::cout << Describe(GetParam()) << ": the other process had tasks after " << took.count() << " ms" << std::endl;
    EXPECT_LT(took, kBound + Heartbeat()) << Errors();
  }
  void ExpectNoTrace(tests::Process& first, tests::Process& second) {
    EXPECT_EQ(first.Terminate(seconds(20)), 0) << Errors();
    ASSERT_TRUE(Eventually([&] { return judged_.AllListsAreThere(); })) << Errors();
    EXPECT_EQ(second.Terminate(seconds(20)), 0) << Errors();
    CrashTally tally;
    judged_.EndAndJudge(&tally);
  }
  std::string Errors() const { return judged_.installation().ErrorsOf(0) + judged_.installation().ErrorsOf(1); }

  static constexpr const char* kTimeoutName = "CATWALK_KAFKA_REVOCATION_TIMEOUT_MS";
  BrokerProxy proxy_{tests::SharedKafka(), 13};
  JudgedInstallation judged_{13, tests::SharedKafka(), proxy_.Bootstrap()};
};

/// What is pending is committed when tasks are taken away, and that commit is not answered.
TEST_P(Revocation, WithACommitThatIsNotAnsweredEndsInTime) {
  const auto first = judged_.StartFirst(CommittingNever({"USERS", "DESIGNS", "MODEL"}));
  judged_.Append(100);
  ASSERT_TRUE(Eventually([&] { return judged_.installation().UserMetric("catwalk_records_in_total") > 0; })) << Errors();
  proxy_.Plan(GetParam());
  const auto second = judged_.StartSecond();
  ASSERT_TRUE(Eventually([&] { return proxy_.Fired(GetParam()) > 0; })) << Errors();
  ASSERT_NO_FATAL_FAILURE(ExpectTasksInTime(steady_clock::now()));
  ExpectNoTrace(*first, *second);
}

/// The commit is under way, and not answered, when somebody joins.
TEST_P(Revocation, InAnUnansweredCommitEndsInTime) {
  const auto first = judged_.StartFirst(CommittingNever({"DESIGNS", "MODEL"}));
  judged_.Append(100);
  ASSERT_TRUE(Eventually([&] { return judged_.AllListsAreThere(); })) << Errors();
  proxy_.Plan(GetParam());
  judged_.Append(100);
  ASSERT_TRUE(Eventually([&] { return proxy_.Fired(GetParam()) > 0; })) << Errors();
  const auto second = judged_.StartSecond();
  ASSERT_NO_FATAL_FAILURE(ExpectTasksInTime(steady_clock::now()));
  ExpectNoTrace(*first, *second);
}

std::string NameOf(const ::testing::TestParamInfo<Fault>& info) {
  const bool answer = info.param.moment == Moment::kBeforeAnswer;
  return std::string(info.param.api == Api::kEndTxn ? "EndTxn" : "TxnOffsetCommit") + (answer ? "Done" : "NotDone");
}

INSTANTIATE_TEST_SUITE_P(OnKafka, Revocation,
                         ::testing::Values(Fault{Effect::kHoldOne, Moment::kBeforeRequest, Api::kEndTxn, kHeld},
                                           Fault{Effect::kHoldOne, Moment::kBeforeAnswer, Api::kEndTxn, kHeld},
                                           Fault{Effect::kHoldOne, Moment::kBeforeRequest, Api::kTxnOffsetCommit, kHeld}),
                         NameOf);

}  // namespace
}  // namespace catwalk::chaos
