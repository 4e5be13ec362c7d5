// Much waits at the start, and events go on coming.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "streams/kafka_log.h"
#include "tests/integration/installation.h"

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPartitions = 4;
constexpr int32_t kLivePartition = 3;
constexpr int kPerAppend = 5'000;
constexpr int kUsers = 20'000;
/// Far above what a list takes where nothing waits; what waits here takes many times that.
constexpr double kLiveMs = 1'500;

int Backlog() { return std::getenv("CATWALK_TEST_LONG") != nullptr ? 5'000'000 : 40'000; }

schemas::OutgoingRecord Click(const std::string& topic, const std::string& event, const std::string& user, int64_t at_ms) {
  schemas::OutgoingRecord record;
  record.topic = topic;
  record.key = user;
  record.value = R"({"event_id":")" + event + R"(","user_id":")" + user + R"(","design_id":"d)" +
                 std::to_string(Murmur2(event) % 5'000) + R"(","occurred_at_ms":)" + std::to_string(at_ms) + "}";
  return record;
}

/// Users whose events go to the partition that nothing waits in, or to another one.
std::vector<std::string> Users(bool live) {
  std::vector<std::string> users;
  for (int i = 0; i < kUsers; ++i) {
    const std::string user = "u" + std::to_string(i);
    if ((PartitionForKey(user, kPartitions) == kLivePartition) == live) users.push_back(user);
  }
  return users;
}

class BacklogTest : public ::testing::Test {
 protected:
  BacklogTest() {
    streams::KafkaOptions options;
    options.bootstrap = SharedKafka();
    log_ = std::move(streams::OpenKafkaLog(nullptr, clock_, options)).value();
    writer_ = std::move(log_->OpenWriter()).value();
  }
  void Append(std::vector<schemas::OutgoingRecord> records) {
    EXPECT_TRUE(writer_->Append(std::move(records)).ok());
    EXPECT_TRUE(writer_->Sync(seconds(60)).ok());
  }
  void AppendBacklog() {
    const auto users = Users(false);
    for (int sent = 0; sent < Backlog();) {
      std::vector<schemas::OutgoingRecord> records;
      for (int i = 0; i < kPerAppend; ++i, ++sent)
        records.push_back(Click(topic_, "w" + std::to_string(sent), users[static_cast<size_t>(sent) % users.size()], clock_.NowMs() - 60'000));
      Append(std::move(records));
    }
  }

  const SystemClock clock_;
  Installation installation_{SharedKafka(), kPartitions};
  const std::string topic_ = installation_.TopicName("clicks");
  std::unique_ptr<streams::Log> log_;
  std::unique_ptr<streams::LogWriter> writer_;
};

/// From each live event to its list, by the clock of this machine.
std::vector<double> LatenciesOf(const std::vector<schemas::Recommendation>& lists) {
  std::vector<double> latencies;
  for (const auto& list : lists) {
    if (list.event_id().starts_with("live-")) latencies.push_back(static_cast<double>(list.generated_at_ms() - std::stoll(list.event_id().substr(5))));
  }
  std::ranges::sort(latencies);
  return latencies;
}

TEST_F(BacklogTest, IsWorkedOffWhileLiveEventsAreNotKeptWaiting) {
  AppendBacklog();
  const auto began = std::chrono::steady_clock::now();
  const auto process = installation_.Start();
  ASSERT_TRUE(Eventually([&] { return installation_.UserMetric("catwalk_tasks") == kPartitions; }));
  const auto users = Users(true);
  int live = 0, while_waiting = 0;
  for (int64_t lag = 1; lag != 0 || live < 100; ++live) {
    Append({Click(topic_, "live-" + std::to_string(clock_.NowMs()), users[static_cast<size_t>(live) % users.size()], clock_.NowMs())});
    std::this_thread::sleep_for(milliseconds(20));
    if (live % 10 == 0) lag = static_cast<int64_t>(installation_.UserMetric("catwalk_lag_records"));
    while_waiting += lag > kPerAppend;
    ASSERT_LT(std::chrono::steady_clock::now() - began, seconds(3'600)) << installation_.ErrorsOf(0);
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << Backlog() << " events that waited are worked off in " << took << " s, in at most " << MemoryMiB(*process, "VmHWM") << " MiB" << std::endl;
  // The lag is of a moment ago, and what came since is still to be processed.
  EXPECT_TRUE(Eventually([&] { return installation_.UserMetric("catwalk_records_in_total") >= Backlog() + live; }));
  EXPECT_EQ(process->Terminate(seconds(20)), 0) << installation_.ErrorsOf(0);
  const auto lists = installation_.Lists();
  EXPECT_EQ(DistinctEvents(lists).size(), static_cast<size_t>(Backlog() + live));
  const auto latencies = LatenciesOf(lists);
  ASSERT_EQ(latencies.size(), static_cast<size_t>(live));
  EXPECT_GT(while_waiting, 10) << "too little waited to tell";
  const double median = latencies[latencies.size() / 2], most = latencies[latencies.size() * 99 / 100];
  std::cout << live << " live events meanwhile: lists after " << median << " ms (median), " << most << " ms (99 %)" << std::endl;
  EXPECT_LT(median, kLiveMs);
}

}  // namespace
}  // namespace catwalk::tests
