// A cluster of two, whose partitions, of data and of what coordinators write, are led now by one node, now by the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "streams/kafka_config.h"
#include "tests/chaos/judged_installation.h"
#include "tests/testing/kafka_broker.h"
#include "tests/testing/matchers.h"

namespace catwalk::chaos {
namespace {

using std::chrono::seconds;
using tests::Eventually;
using tests::IsOk;

constexpr int kSecondNode = 2;
constexpr int kCallMs = 5'000;

/// What a cluster says of itself.
class ClusterView {
 public:
  explicit ClusterView(const std::string& bootstrap) {
    streams::KafkaOptions options;
    options.bootstrap = bootstrap;
    client_ = std::move(streams::MakeClient(RD_KAFKA_PRODUCER, options, {}, {})).value();
  }

  int Nodes() const {
    const auto metadata = Ask();
    return metadata ? metadata->broker_cnt : 0;
  }

  /// Partitions that a node leads; -1 if nobody answers.
  int LedBy(int node) const {
    const auto metadata = Ask();
    if (!metadata) return -1;
    int led = 0;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const auto& topic = metadata->topics[i];
      led += static_cast<int>(std::count_if(topic.partitions, topic.partitions + topic.partition_cnt,
                                            [&](const auto& partition) { return partition.leader == node; }));
    }
    return led;
  }

 private:
  streams::MetadataPtr Ask() const {
    const rd_kafka_metadata_t* metadata = nullptr;
    rd_kafka_metadata(client_.get(), 1, nullptr, &metadata, kCallMs);
    return streams::MetadataPtr(metadata);
  }

  streams::ClientPtr client_;
};

enum class Moved { kCoordinators, kAll };

class MovedLeaders : public ::testing::TestWithParam<Moved> {
 protected:
  void StartBoth() {
    LimitPatience();
    const bool all = GetParam() == Moved::kAll;
    auto first = tests::KafkaBroker::StartFirstOfTwo(all ? 2 : 1);
    ASSERT_THAT(first, IsOk());
    first_ = std::move(first).value();
    if (!all) judged_.emplace(13, first_->Bootstrap());  // before there is another that could have them
    auto second = tests::KafkaBroker::StartSecond(*first_);
    ASSERT_THAT(second, IsOk());
    second_ = std::move(second).value();
    cluster_.emplace(first_->Bootstrap() + "," + second_->Bootstrap());
    ASSERT_TRUE(Eventually([&] { return cluster_->Nodes() == 2; }));
    if (all) judged_.emplace(13, first_->Bootstrap() + "," + second_->Bootstrap());
    judged_->Configure("kafka.request_timeout_ms: 2000\n");  // else what waits for who has left may do so for ten seconds
  }
  void AwaitAllLists() const {
    const auto& installation = judged_->installation();
    ASSERT_TRUE(Eventually([&] { return judged_->AllListsAreThere(); }))
        << installation.ErrorsOf(0) << tests::Fetch(installation.Url() + "/ready") << "\n" << tests::Fetch(installation.Url() + "/metrics");
  }
  /// To the first node as the second ends, and back when it has caught up.
  void MoveAndBack(bool in_order, int led) {
    judged_->Append(400);
    if (in_order) second_->Stop();
    else second_->Kill();
    ASSERT_TRUE(Eventually([&] { return cluster_->LedBy(kSecondNode) == 0; }));
    ASSERT_NO_FATAL_FAILURE(AwaitAllLists());
    ASSERT_THAT(second_->Restart(), IsOk());
    judged_->Append(400);
    ASSERT_TRUE(Eventually([&] { return cluster_->LedBy(kSecondNode) == led; }));
    judged_->Append(100);
    ASSERT_NO_FATAL_FAILURE(AwaitAllLists());
  }

  std::unique_ptr<tests::KafkaBroker> first_, second_;
  std::optional<ClusterView> cluster_;
  std::optional<JudgedInstallation> judged_;
};

TEST_P(MovedLeaders, LeaveNoTrace) {
  ASSERT_NO_FATAL_FAILURE(StartBoth());
  const auto process = judged_->StartFirst();
  judged_->Append(50);
  ASSERT_NO_FATAL_FAILURE(AwaitAllLists());
  const int led = cluster_->LedBy(kSecondNode);
  ASSERT_GT(led, 0);
  for (const bool in_order : {true, false, true}) ASSERT_NO_FATAL_FAILURE(MoveAndBack(in_order, led));
  std::cout << led << " partitions moved six times\n";
  EXPECT_EQ(process->Terminate(seconds(20)), 0) << judged_->installation().ErrorsOf(0);
  CrashTally tally;
  judged_->EndAndJudge(&tally);
}

INSTANTIATE_TEST_SUITE_P(BrokerFaults, MovedLeaders, ::testing::Values(Moved::kCoordinators, Moved::kAll),
                         [](const auto& test) { return test.param == Moved::kAll ? "OfAll" : "OfCoordinators"; });

}  // namespace
}  // namespace catwalk::chaos
