#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "streams/kafka_log.h"
#include "tests/integration/installation.h"

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kPartitions = 4;
constexpr int kUsers = 200;
constexpr const char* kSession = "CATWALK_KAFKA_SESSION_TIMEOUT_MS";

/// The value of a gauge or counter of the user sub-topology.
double Metric(const Installation& installation, int process, const std::string& name) {
  const std::string text = Fetch(installation.Url(process) + "/metrics");
  const std::string line = "\n" + name + "{sub_topology=\"users\"} ";
  const auto at = text.find(line);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
}

/// Clicks e0, e1, … of all users in turn, and the lists that come of them.
class Traffic {
 public:
  explicit Traffic(const Installation& installation) : clicks_(installation.TopicName("clicks")) {
    streams::KafkaOptions options;
    options.bootstrap = SharedKafka();
    log_ = std::move(streams::OpenKafkaLog(nullptr, clock_, options)).value();
    writer_ = std::move(log_->OpenWriter()).value();
    reader_ = std::move(log_->OpenReader()).value();
    streams::Offsets from;
    for (int32_t i = 0; i < kPartitions; ++i) from[{installation.TopicName("recommendations"), i}] = 0;
    EXPECT_TRUE(reader_->Assign(from).ok());
  }

  int sent() const { return sent_; }
  void Send(int events) {
    std::vector<schemas::OutgoingRecord> records;
    for (int i = 0; i < events; ++i, ++sent_) {
      auto& record = records.emplace_back();
      record.topic = clicks_;
      record.key = "u" + std::to_string(sent_ % kUsers);
      record.value = R"({"event_id":"e)" + std::to_string(sent_) + R"(","user_id":")" + record.key + R"(","design_id":"d)" +
                     std::to_string(sent_ % 37) + R"(","occurred_at_ms":1690000000000})";
    }
    EXPECT_TRUE(writer_->Append(std::move(records)).ok());
    EXPECT_TRUE(writer_->Sync(std::chrono::seconds(10)).ok());
  }
  /// Reads the lists that have been committed.
  void Watch(milliseconds wait) {
    std::vector<schemas::Record> records;
    EXPECT_TRUE(reader_->Poll(wait, 1 << 22, &records).ok());
    for (const auto& record : records) {
      schemas::Recommendation list;
      EXPECT_TRUE(list.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())));
      EXPECT_TRUE(listed_.insert(list.event_id()).second) << "two lists for " << list.event_id();
      int& latest = latest_[record.partition];
      latest = std::max(latest, std::stoi(list.event_id().substr(1)));
    }
  }
  bool AllHaveLists() {
    Watch(milliseconds(10));
    return listed_.size() == static_cast<size_t>(sent_);
  }
  /// Whether every task has made a list for an event from `event` on.
  bool AllTasksAreAt(int event) const {
    return latest_.size() == kPartitions && std::ranges::all_of(latest_, [&](const auto& entry) { return entry.second >= event; });
  }

 private:
  const SystemClock clock_;
  const std::string clicks_;
  std::unique_ptr<streams::Log> log_;
  std::unique_ptr<streams::LogWriter> writer_;
  std::unique_ptr<streams::LogReader> reader_;
  int sent_ = 0;
  std::set<std::string> listed_;
  std::map<int32_t, int> latest_;
};

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
    for (int i = from; i < GetParam(); ++i) sum += Metric(installation_, i, metric);
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
  Traffic traffic(installation_);
  ASSERT_TRUE(Eventually([&] { return Sum("catwalk_standby_tasks") == kPartitions; })) << Errors();
  traffic.Send(10'000);
  ASSERT_TRUE(Eventually([&] { return traffic.AllHaveLists(); })) << Errors();
  ASSERT_TRUE(Eventually([&] { return Sum("catwalk_standby_lag_records") == 0; })) << Errors();
  const double restored = Sum("catwalk_restored_records_total", 1);

  // At 500 events a second a transaction is open most of the time.
  const auto work = [&traffic] { traffic.Send(10), traffic.Watch(milliseconds(20)); };
  for (int i = 0; i < 50; ++i) work();
  processes_[0]->Kill();
  const auto killed = steady_clock::now();
  const int since = traffic.sent();
  while (!traffic.AllTasksAreAt(since) && steady_clock::now() - killed < std::chrono::seconds(40)) work();
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
