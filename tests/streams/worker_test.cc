#include "streams/worker.h"

#include <gtest/gtest.h>

#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/pipeline_settings.h"
#include "state/memory_database.h"
#include "streams/embedded_log.h"
#include "streams/rejection_breaker.h"
#include "streams/stepper.h"
#include "tests/operators/user_events.h"
#include "tests/streams/forwarding_log.h"
#include "tests/testing/manual_clock.h"
#include "tests/testing/matchers.h"
#include "tests/testing/topology_test_driver.h"

namespace catwalk::streams {
namespace {

using operators::MakeClick;
using tests::IsOk;

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

/// Sends the first that wants to begin with a partition away: for the moment nobody answers.
class ReluctantTransport final : public Transport {
 public:
  ReluctantTransport(std::unique_ptr<Transport> transport, int* refusals) : transport_(std::move(transport)), refusals_(*refusals) {}

  Status StartPartition(int32_t partition, const schemas::Checkpoint& from) override {
    if (refusals_-- > 0) return {Code::kUnavailable, "no answer", Recovery::kRetryable};
    return transport_->StartPartition(partition, from);
  }
  Status Start(TransportListener& listener) override { return transport_->Start(listener); }
  Status Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out) override { return transport_->Poll(max_wait, out); }
  Status Pause(const schemas::TopicPartition& source) override { return transport_->Pause(source); }
  Status Resume(const schemas::TopicPartition& source) override { return transport_->Resume(source); }
  SourceProgress Progress(const schemas::TopicPartition& source) const override { return transport_->Progress(source); }
  Status Produce(schemas::OutgoingRecord record) override { return transport_->Produce(std::move(record)); }
  Status Commit(const CommitRequest& request) override { return transport_->Commit(request); }
  Status Abort() override { return transport_->Abort(); }
  Status Stop(bool keep_membership) override { return transport_->Stop(keep_membership); }

 private:
  std::unique_ptr<Transport> transport_;
  int& refusals_;
};

class ReluctantLog final : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  int refusals = 1;

  Result<std::unique_ptr<Transport>> OpenTransport(const TransportOptions& options) override {
    ASSIGN_OR_RETURN(auto transport, ForwardingLog::OpenTransport(options));
    return std::unique_ptr<Transport>(std::make_unique<ReluctantTransport>(std::move(transport), &refusals));
  }
};

TEST(Worker, BeginsATaskThatCouldNotBeginBefore) {
  tests::ManualClock clock;
  const auto database = state::MakeMemoryDatabase();
  const auto embedded = std::move(OpenEmbeddedLog(*database, clock, {.cleanup_interval_ms = 0})).value();
  ReluctantLog log(*embedded);
  const Topology topology = operators::SmallTopology();
  for (const auto& spec : schemas::AllTopics()) {
    const bool single = spec.partitioning == schemas::Partitioning::kSingle;
    ASSERT_THAT(log.CreateTopic(topology.names().Of(spec.topic), spec, single ? 1 : 2), IsOk());
  }
  schemas::OutgoingRecord click;
  click.topic = topology.names().Of(schemas::Topic::kClicks);
  click.key = "u1";
  click.value = MakeClick("e1", "u1", "d1").SerializeAsString();
  ASSERT_THAT((*log.OpenWriter())->Append({click}), IsOk());

  prometheus::Registry registry;
  Replica::Options tables;
  tables.tables.k = 8;
  const auto stepper = Stepper::Open(tables, topology, log, *database, clock, registry);
  ASSERT_THAT(stepper, IsOk());
  ASSERT_THAT((*stepper)->Settle([&] { clock.Advance(1'000); }), IsOk());
  EXPECT_LT(log.refusals, 0);
  const auto ends = log.EndOffsets({topology.names().Of(schemas::Topic::kRecommendations)}, Isolation::kReadCommitted);
  ASSERT_THAT(ends, IsOk());
  int64_t lists = 0;
  for (const auto& [partition, end] : *ends) lists += end;
  EXPECT_EQ(lists, 1);
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
