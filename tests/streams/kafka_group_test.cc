#include "streams/kafka_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "streams/kafka_admin.h"
#include "tests/streams/kafka_fixture.h"
#include "tests/testing/matchers.h"

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;
using tests::IsOk;

/// Nothing is done about what is given and taken.
class Deaf final : public TransportListener {
 public:
  void OnAssigned(std::span<const int32_t> /*partitions*/) override {}
  void OnRevoked(std::span<const int32_t> /*partitions*/) override {}
  void OnLost(std::span<const int32_t> /*partitions*/) override {}
};

class KafkaGroupTest : public KafkaTest {
 protected:
  static constexpr int kRecords = 20'000;  // more than one poll returns

  void SetUp() override {
    KafkaTest::SetUp();
    topic_ = MakeTopic("in", 1);
    Fill(topic_, 0, kRecords);
    KafkaOptions options;
    options.bootstrap = TestBroker();
    auto admin = KafkaAdmin::Connect(options);
    ASSERT_THAT(admin, IsOk());
    admin_ = std::move(admin).value();
    auto group = KafkaGroup::Join(options, Options({topic_}), "member", *admin_, listener_);
    ASSERT_THAT(group, IsOk());
    group_ = std::move(group).value();
    std::vector<schemas::Record> none;
    for (int i = 0; i < 2'000 && !group_->Owns(0); ++i) ASSERT_THAT(group_->Poll(milliseconds(10), &none), IsOk());
    ASSERT_TRUE(group_->Owns(0));
  }

  /// The offsets of what comes until there are `count`, or for 20 s.
  std::vector<int64_t> Read(size_t count) {
    std::vector<schemas::Record> records;
    for (int i = 0; i < 2'000 && records.size() < count; ++i) EXPECT_THAT(group_->Poll(milliseconds(10), &records), IsOk());
    std::vector<int64_t> offsets;
    for (const auto& record : records) offsets.push_back(record.offset);
    return offsets;
  }
  /// Until nothing comes any more.
  void Look() {
    for (int i = 0; i < 20; ++i, std::this_thread::sleep_for(milliseconds(10))) EXPECT_FALSE(group_->RevocationWaits());
  }

  std::string topic_;
  Deaf listener_;
  std::unique_ptr<KafkaAdmin> admin_;
  std::unique_ptr<KafkaGroup> group_;
};

std::vector<int64_t> UpTo(int64_t end) {
  std::vector<int64_t> offsets;
  for (int64_t offset = 0; offset < end; ++offset) offsets.push_back(offset);
  return offsets;
}

TEST_F(KafkaGroupTest, LosesNothingThatItMeetsWhileItLooksForARevocation) {
  ASSERT_THAT(group_->StartPartition(0, At(topic_, 0)), IsOk());
  Look();
  EXPECT_EQ(Read(kRecords), UpTo(kRecords));
}

TEST_F(KafkaGroupTest, TakesNothingThatItMetBeforeItWasSentBackForWhatComesAfter) {
  ASSERT_THAT(group_->StartPartition(0, At(topic_, 0)), IsOk());
  ASSERT_FALSE(Read(1).empty());
  Look();
  ASSERT_THAT(group_->StartPartition(0, At(topic_, 0)), IsOk());
  EXPECT_EQ(Read(kRecords), UpTo(kRecords));
}

/// Members of three names that join, are polled or not, and go in any order, at any moment.
class KafkaMembersTest : public KafkaTest, public ::testing::WithParamInterface<const char*> {
 protected:
  static constexpr size_t kNames = 3;

  void SetUp() override {
    KafkaTest::SetUp();
    topic_ = MakeTopic("in", 4);
    options_.bootstrap = TestBroker();
    options_.group_protocol = GetParam();
    options_.session_timeout_ms = 2'000;
    options_.heartbeat_interval_ms = 200;
    auto admin = KafkaAdmin::Connect(options_);
    ASSERT_THAT(admin, IsOk());
    admin_ = std::move(admin).value();
  }

  bool classic() const { return std::string_view(GetParam()) == "classic"; }

  /// A member that is there is left to end by itself, as fenced as the next one has made it.
  void Join(size_t name) {
    auto joined = KafkaGroup::Join(options_, Options({topic_}), "member-" + std::to_string(name), *admin_, listener_);
    ASSERT_THAT(joined, IsOk());
    members_[name] = std::move(joined).value();
  }
  void End(size_t name) {
    switch (random_() % 3) {
      case 0: EXPECT_THAT(members_[name]->Leave(true, kLeaveTime), IsOk()); break;
      case 1: EXPECT_THAT(members_[name]->Leave(false, kLeaveTime), IsOk()); break;
      default: break;
    }
    members_[name].reset();
  }
  /// For up to 300 ms, the members that are there are polled, or none is.
  void Go() {
    const bool polled = random_() % 2 == 0;
    std::vector<schemas::Record> none;
    const auto end = std::chrono::steady_clock::now() + milliseconds(random_() % 300);
    while (std::chrono::steady_clock::now() < end) {
      for (const auto& member : members_)
        if (polled && member) (void)member->Poll(milliseconds(1), &none);  // one that is fenced says so
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

  static constexpr std::chrono::seconds kLeaveTime{5};
  KafkaOptions options_;
  std::string topic_;
  Deaf listener_;
  std::unique_ptr<KafkaAdmin> admin_;
  std::array<std::unique_ptr<KafkaGroup>, kNames> members_;
  std::mt19937 random_{13};
};

TEST_P(KafkaMembersTest, GoAtAnyMoment) {
  const int rounds = std::getenv("CATWALK_TEST_LONG") != nullptr ? 2'000 : 60;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    const size_t name = random_() % kNames;
    const auto begun = std::chrono::steady_clock::now();
    if (!members_[name] || (classic() && random_() % 3 == 0)) ASSERT_NO_FATAL_FAILURE(Join(name));
    else End(name);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, kLeaveTime);
    Go();
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, KafkaMembersTest, ::testing::Values("classic", "consumer"), [](const auto& test) { return test.param; });

}  // namespace
}  // namespace catwalk::streams
