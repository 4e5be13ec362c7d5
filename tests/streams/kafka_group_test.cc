#include "streams/kafka_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
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

}  // namespace
}  // namespace catwalk::streams
