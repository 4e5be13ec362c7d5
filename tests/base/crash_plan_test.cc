#include "base/crash_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace catwalk {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(CrashPlan, DiesAtTheNamedPointForTheNthTimeAndNowhereElse) {
  const auto plan = CrashPlan::Parse("after-commit:2");
  ASSERT_TRUE(plan.ok());
  Reach(plan->get(), CrashPoint::kAfterPoll);
  Reach(plan->get(), CrashPoint::kAfterPoll);
  Reach(plan->get(), CrashPoint::kAfterCommit);
  EXPECT_EXIT(Reach(plan->get(), CrashPoint::kAfterCommit), ::testing::KilledBySignal(SIGKILL), "");
}

TEST(CrashPlan, SleepsUntilSomebodyWakesIt) {
  const pid_t child = fork();
  if (child == 0) {
    const auto plan = CrashPlan::Parse("after-poll:1", CrashPlan::Fate::kSleep);
    Reach(plan->get(), CrashPoint::kAfterPoll);
    _exit(7);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status));
  kill(child, SIGCONT);
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_FALSE(CrashPlan::Parse("mid-local-write:1", CrashPlan::Fate::kSleep).ok());
}

TEST(CrashPlan, IsOfNoConsequenceWhereThereIsNone) { Reach(nullptr, CrashPoint::kDuringStop); }

TEST(CrashPlan, NamesAllPointsToWhoNamesAnother) {
  for (const char* text : {"", "after-commit", "after-lunch:1", "after-commit:0", "after-commit:x", "after-commit:1 "}) {
    const auto plan = CrashPlan::Parse(text);
    ASSERT_FALSE(plan.ok()) << text;
    EXPECT_THAT(plan.status().message(), AllOf(HasSubstr("during-assignment"), HasSubstr("during-stop")));
  }
}

TEST(CrashPlan, KnowsEveryPointByItsName) {
  for (int i = 0; i <= static_cast<int>(CrashPoint::kDuringStop); ++i) {
    const auto point = static_cast<CrashPoint>(i);
    const auto plan = CrashPlan::Parse(std::string(NameOf(point)) + ":1");
    ASSERT_TRUE(plan.ok());
    EXPECT_EQ((*plan)->point(), point);
  }
}

}  // namespace
}  // namespace catwalk
