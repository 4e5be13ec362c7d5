#include "streams/worker.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace catwalk::streams
