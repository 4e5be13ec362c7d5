#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/click_traffic.h"
#include "tests/integration/installation.h"

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kPartitions = 4;
constexpr const char* kSession = "CATWALK_KAFKA_SESSION_TIMEOUT_MS";

/// Some processes of which each keeps at hand what would come to it. CATWALK_KAFKA_SESSION_TIMEOUT_MS: a session other than 3 s.
class StandbyTest : public ::testing::TestWithParam<int> {
 protected:
  StandbyTest() : given_(std::getenv(kSession) != nullptr) {
    setenv(kSession, "3000", 0);
    session_ = milliseconds(std::stoi(std::getenv(kSession)));
    installation_.Configure("run: {standby: 1}\n");
    for (int i = 0; i < GetParam(); ++i) processes_.push_back(installation_.Start({}, i));
  }
  ~StandbyTest() override {
    if (!given_) unsetenv(kSession);
  }

  double Sum(const std::string& metric, int from = 0) const {
    double sum = 0;
    for (int i = from; i < GetParam(); ++i) sum += installation_.UserMetric(metric, i);
    return sum;
  }
  std::string Errors() const {
    std::string errors;
    for (int i = 0; i < GetParam(); ++i) errors += installation_.ErrorsOf(i) + "\n";
    return errors;
  }

  const bool given_;
  milliseconds session_;
  Installation installation_{SharedKafka(), kPartitions};
  std::vector<std::unique_ptr<Process>> processes_;
};

INSTANTIATE_TEST_SUITE_P(Of, StandbyTest, ::testing::Values(2, 3), [](const auto& test) { return std::to_string(test.param) + "Processes"; });

TEST_P(StandbyTest, HasLittleLeftToRestoreWhenOneIsKilledAtWork) {
  ClickTraffic traffic(installation_, kPartitions);
  ASSERT_TRUE(Eventually([&] { return Sum("catwalk_standby_tasks") == kPartitions; })) << Errors();
  traffic.Send(10'000);
  ASSERT_TRUE(Eventually([&] { return traffic.AllHaveLists(); })) << Errors();
  ASSERT_TRUE(Eventually([&] { return Sum("catwalk_standby_lag_records") == 0; })) << Errors();
  const double restored = Sum("catwalk_restored_records_total", 1);

  // At 500 events a second a transaction is open most of the time.
  for (int i = 0; i < 50; ++i) traffic.Flow();
  processes_[0]->Kill();
  const auto killed = steady_clock::now();
  const int since = traffic.sent();
  while (!traffic.AllTasksAreAt(since) && steady_clock::now() - killed < std::chrono::seconds(40)) traffic.Flow();
  const auto pause = std::chrono::duration_cast<milliseconds>(steady_clock::now() - killed);

  EXPECT_TRUE(Eventually([&] { return traffic.AllHaveLists(); })) << Errors();
  const double replayed = Sum("catwalk_restored_records_total", 1) - restored;
  const auto logged = static_cast<double>(installation_.EndOf("users-changelog"));
  std::cout << "killed one of " << GetParam() << " processes: " << pause.count() << " ms until all tasks go on, with a session of "
            << session_.count() << " ms; replayed " << replayed << " records of changelogs that have " << logged << std::endl;
  // Less than one second more on a machine that has nothing else to do (docs/reliability.md).
  EXPECT_LT(pause, session_ + std::chrono::seconds(2)) << Errors();
  EXPECT_LT(replayed, 0.05 * logged / GetParam()) << Errors();
  processes_.erase(processes_.begin());
  for (const auto& process : processes_) EXPECT_EQ(process->Terminate(std::chrono::seconds(5)), 0) << Errors();
  EXPECT_EQ(DistinctEvents(installation_.Lists()).size(), static_cast<size_t>(traffic.sent()));
}

}  // namespace
}  // namespace catwalk::tests
