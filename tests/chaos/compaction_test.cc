// A changelog from which the broker has thrown away that rows were deleted.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

#include "streams/kafka_config.h"
#include "tests/chaos/judged_installation.h"
#include "tests/chaos/moved_clock_file.h"

namespace catwalk::chaos {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using tests::Eventually;

constexpr int kCallMs = 10'000;
constexpr int64_t kDayS = 86'400;
constexpr int kMostRounds = 40;

/// Deletions may go as soon as a segment has been compacted, and each is full at once.
constexpr std::pair<const char*, const char*> kForgetful[] = {
    {"segment.ms", "1"}, {"min.cleanable.dirty.ratio", "0.001"}, {"delete.retention.ms", "0"}, {"min.compaction.lag.ms", "0"}};

/// Fails the test if the broker refuses.
void MakeForgetful(const std::string& bootstrap, const std::string& topic) {
  streams::KafkaOptions options;
  options.bootstrap = bootstrap;
  const auto client = std::move(streams::MakeClient(RD_KAFKA_PRODUCER, options, {}, {})).value();
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  for (const auto& [name, value] : kForgetful)
    streams::ErrorPtr(rd_kafka_ConfigResource_add_incremental_config(resource, name, RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value));
  const streams::QueuePtr queue(rd_kafka_queue_new(client.get()));
  rd_kafka_IncrementalAlterConfigs(client.get(), &resource, 1, nullptr, queue.get());
  const streams::EventPtr event(rd_kafka_queue_poll(queue.get(), kCallMs));
  rd_kafka_ConfigResource_destroy(resource);
  ASSERT_TRUE(event);
  EXPECT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event.get());
}

/// The model's changelog, which has one partition.
Partition Changelog(const JudgedInstallation& judged) { return judged.Collect().topics.at(schemas::Topic::kModelChangelog).front(); }

int64_t DeletionsBelow(const Partition& records, int64_t offset) {
  return std::ranges::count_if(records, [offset](const auto& record) { return record.tombstone && record.offset < offset; });
}

/// Who was away for longer than deletions are kept must not take its own copy for one that lacks only the changelog's tail.
TEST(Compaction, OfDeletionsIsNotMissedByWhoWasAwayThatLong) {
  LimitPatience();
  const std::string bootstrap = tests::SharedKafka();
  JudgedInstallation judged(21, bootstrap);
  const MovedClock clock(judged.installation().dir() / "clock");
  const fs::path kept = judged.installation().dir() / "kept";

  clock.MoveBy(-kDayS);
  judged.Append(300);
  const auto process = judged.StartFirst(clock.Through());
  ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere() && judged.installation().EndOf("model-changelog") > 0; }))
      << judged.installation().ErrorsOf(0);
  EXPECT_EQ(process->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(0);
  fs::copy(judged.StateDir(), kept, fs::copy_options::recursive);

  // Windows close, and their rows go: those of the first life, and some that are new.
  for (int life = 0; life < 2; ++life) {
    judged.Append(150);
    ASSERT_NO_FATAL_FAILURE(judged.RunToEnd());
  }
  const Partition before = Changelog(judged);
  const int64_t end = before.back().offset + 1, deletions = DeletionsBelow(before, end);
  ASSERT_GT(deletions, 0);
  MakeForgetful(bootstrap, judged.installation().TopicName("model-changelog"));
  // What was the last segment until now can be compacted; once for what is deleted, once more for that it was.
  for (int round = 0; round < kMostRounds && DeletionsBelow(Changelog(judged), end) > 0; ++round) {
    judged.Append(10);
    ASSERT_NO_FATAL_FAILURE(judged.RunToEnd());
  }
  ASSERT_EQ(DeletionsBelow(Changelog(judged), end), 0);
  std::cout << deletions << " deletions are compacted away\n";

  fs::remove_all(judged.StateDir());
  fs::copy(kept, judged.StateDir(), fs::copy_options::recursive);
  judged.Append(50);
  CrashTally tally;
  judged.EndAndJudge(&tally);
}

}  // namespace
}  // namespace catwalk::chaos
