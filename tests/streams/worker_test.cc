#include "streams/worker.h"

#include <gtest/gtest.h>

#include <string>

#include "apps/pipeline_settings.h"
#include "streams/rejection_breaker.h"
#include "tests/operators/user_events.h"
#include "tests/testing/topology_test_driver.h"

namespace catwalk::streams {
namespace {

using operators::MakeClick;

void AppendClicks(tests::TopologyTestDriver* driver, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string user = "u" + std::to_string(i % 50);
    driver->Append(schemas::Topic::kClicks, user, MakeClick("e" + std::to_string(i), user, "d1").SerializeAsString());
  }
}

TEST(Worker, CommitsWhatIsProcessedAfterTheIntervalOnceNoMoreInputWaits) {
  tests::TopologyTestDriver driver(operators::SmallTopology());
  const double before = driver.Commits("users");
  AppendClicks(&driver, 3);
  driver.Round();
  driver.clock().Advance(9);
  driver.Round();
  EXPECT_EQ(driver.Commits("users"), before);
  driver.clock().Advance(1);
  driver.Round();
  EXPECT_EQ(driver.Commits("users"), before + 1);
}

TEST(Worker, MakesLargerTransactionsWhileMoreInputWaits) {
  tests::TopologyTestDriver driver(operators::SmallTopology());
  const double before = driver.Commits("users");
  AppendClicks(&driver, 5'000);  // several turns of a task
  driver.Round();
  driver.clock().Advance(99);
  driver.Round();
  EXPECT_EQ(driver.Commits("users"), before);
  driver.clock().Advance(1);
  driver.Round();
  EXPECT_EQ(driver.Commits("users"), before + 1);
  driver.Settle();
  EXPECT_EQ(driver.ReadOutput(schemas::Topic::kRecommendations).size(), 5'000U);
}

TEST(Worker, StopsForAWhileWhereMostOfItsInputIsRejected) {
  apps::PipelineSettings settings;
  settings.k = 8;
  settings.rejections = {.share = 0.5, .records = 100, .pause_ms = 30'000};
  tests::TopologyTestDriver driver(apps::MakeTopology("catwalk", schemas::TopicNames(), settings));
  for (int i = 0; i < 600; ++i) driver.Append(schemas::Topic::kClicks, "u1", "no click");
  AppendClicks(&driver, 600);
  const auto go_on = [&driver] {
    for (int round = 0; round < 10; ++round) driver.clock().Advance(100), driver.Round();
  };
  go_on();
  const double before = driver.Rejected("users", "undecodable");
  EXPECT_LT(before, 600) << "a task's turn later it has stopped";
  EXPECT_EQ(driver.ReadOutput(schemas::Topic::kDeadLetters).size(), static_cast<size_t>(before)) << "and has committed what it did";
  go_on();
  EXPECT_EQ(driver.Rejected("users", "undecodable"), before);
  driver.clock().Advance(30'000);
  go_on();
  EXPECT_EQ(driver.Rejected("users", "undecodable"), 600) << "what was left was less than half of the next turn";
  EXPECT_EQ(driver.ReadOutput(schemas::Topic::kRecommendations).size(), 600U);
}

TEST(RejectionBreaker, JudgesFullWindowsAlone) {
  RejectionBreaker breaker({.share = 0.5, .records = 10, .pause_ms = 1'000});
  breaker.Count(9, 9, 0);
  EXPECT_FALSE(breaker.IsOpen(0)) << "nine are too few";
  breaker.Count(1, 1, 0);
  EXPECT_TRUE(breaker.IsOpen(999'999));
  EXPECT_FALSE(breaker.IsOpen(1'000'000));
  EXPECT_NE(breaker.Reason().find("10 of the last 10 records"), std::string::npos) << breaker.Reason();
  breaker.Count(10, 5, 1'000'000);
  EXPECT_FALSE(breaker.IsOpen(1'000'000)) << "half is not more than half";
}

TEST(RejectionBreaker, NeverOpensByDefault) {
  RejectionBreaker breaker({});
  breaker.Count(1'000'000, 1'000'000, 0);
  EXPECT_FALSE(breaker.IsOpen(0));
}

}  // namespace
}  // namespace catwalk::streams
