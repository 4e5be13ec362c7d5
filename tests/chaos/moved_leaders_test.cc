// A cluster of two, whose partitions, of data and of what coordinators write, are led now by one node, now by the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
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

/// They move to the first node when the second ends, in order or by SIGKILL, and back when it has caught up, while all work.
TEST(BrokerFaults, OfLeadersThatMoveLeaveNoTrace) {
  LimitPatience();
  const auto first = tests::KafkaBroker::StartFirstOfTwo();
  ASSERT_THAT(first, IsOk());
  const auto second = tests::KafkaBroker::StartSecond(**first);
  ASSERT_THAT(second, IsOk());
  const std::string bootstrap = (*first)->Bootstrap() + "," + (*second)->Bootstrap();
  const ClusterView cluster(bootstrap);
  ASSERT_TRUE(Eventually([&] { return cluster.Nodes() == 2; }));
  JudgedInstallation judged(13, bootstrap);
  judged.Configure("kafka.request_timeout_ms: 2000\n");  // else what waits for who has left may do so for ten seconds
  const auto process = judged.StartFirst();
  judged.Append(50);
  ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
  const int led = cluster.LedBy(kSecondNode);
  ASSERT_GT(led, 0);
  for (const bool in_order : {true, false, true}) {
    judged.Append(400);
    if (in_order) (*second)->Stop();
    else (*second)->Kill();
    ASSERT_TRUE(Eventually([&] { return cluster.LedBy(kSecondNode) == 0; }));
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
    ASSERT_THAT((*second)->Restart(), IsOk());
    judged.Append(400);
    ASSERT_TRUE(Eventually([&] { return cluster.LedBy(kSecondNode) == led; }));
    judged.Append(100);
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
  }
  std::cout << led << " partitions, of coordinators and of data, moved six times\n";
  EXPECT_EQ(process->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(0);
  CrashTally tally;
  judged.EndAndJudge(&tally);
}

}  // namespace
}  // namespace catwalk::chaos
