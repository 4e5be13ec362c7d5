#include "streams/embedded_cleaner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/streams/embedded_fixture.h"
#include "tests/streams/log_contract.h"

namespace catwalk::streams {
namespace {

using schemas::Record;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class EmbeddedCleanerTest : public EmbeddedLogTest {};

TEST_F(EmbeddedCleanerTest, DropsRecordsPastTheirRetention) {
  MakeTopic("in", kDelete, kHourMs);
  ASSERT_TRUE(Append("in", {{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(Append("in", {{"c", "3"}}).ok());
  clock_.Advance(kHourMs);
  ASSERT_TRUE(Append("in", {{"d", "4"}}).ok());
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_EQ(Begin("in"), 0);  // an hour old is not older than an hour
  clock_.Advance(1);
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_EQ(Begin("in"), 3);
  EXPECT_THAT(Read("in"), ElementsAre("3:4"));
  Open(Quiet());
  EXPECT_EQ(Begin("in"), 3);
  EXPECT_THAT(Read("in"), ElementsAre("3:4"));
}

TEST_F(EmbeddedCleanerTest, KeepsItsPlaceWhenEverythingHasExpired) {
  MakeTopic("in", kDelete, kHourMs);
  ASSERT_TRUE(Append("in", {{"a", "secret"}, {"b", "2"}}).ok());
  clock_.Advance(2 * kHourMs);
  ASSERT_TRUE(log_->CleanUp().ok());
  ASSERT_TRUE(log_->CleanUp().ok());
  std::string key;
  std::string row;
  ASSERT_TRUE(*database_.Store(*database_.OpenStore("log")).Last("", "", &key, &row));
  EXPECT_THAT(row, testing::Not(HasSubstr("secret")));
  Open(Quiet());
  EXPECT_EQ(Begin("in"), 2);
  EXPECT_EQ(End("in"), 2);
  ASSERT_TRUE(Append("in", {{"c", "3"}}).ok());
  EXPECT_THAT(Read("in"), ElementsAre("2:3"));
}

TEST_F(EmbeddedCleanerTest, KeepsRecordsAGroupHasNotCommitted) {
  MakeTopic("in", kDelete, kHourMs);
  for (const char* value : {"1", "2", "3"}) ASSERT_TRUE(Append("in", {{"a", value}}).ok());
  Commit("fast", "in", 3);
  Commit("slow", "in", 1);
  Open(Quiet());  // the groups are known by their rows
  clock_.Advance(2 * kHourMs);
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("in"), ElementsAre("1:2", "2:3"));
  ASSERT_TRUE(log_->OpenTransport(GroupOptions("new", "in")).ok());
  Commit("slow", "in", 3);
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("in"), ElementsAre("1:2", "2:3"));
  Commit("new", "in", 2);
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("in"), ElementsAre("2:3"));
}

TEST_F(EmbeddedCleanerTest, BoundsAPartitionInBytes) {
  EmbeddedLogOptions options = Quiet();
  options.max_partition_bytes = 2500;
  Open(options);
  MakeTopic("in", kDelete, -1);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Append("in", {{"a", std::string(1000, 'x')}}).ok());
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_EQ(Begin("in"), 7);  // three of about 1,050 bytes are the fewest above the bound
  EXPECT_EQ(End("in"), 10);
  EXPECT_THAT(Read("in"), SizeIs(3));
}

TEST_F(EmbeddedCleanerTest, KeepsTheLastRecordOfEachKeyWhenItCompacts) {
  MakeTopic("table", kCompact, 0);
  ASSERT_TRUE(Append("table", {{"a", "1"}, {"b", "2"}, {"a", "3"}}).ok());
  ASSERT_TRUE(Append("table", {{"a", "4"}, {"a", "5"}}).ok());
  ASSERT_TRUE(Append("table", {{"c", "6"}}).ok());
  ASSERT_TRUE(Append("table", {{"a", "7"}, {"c", "8"}}).ok());
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("table"), ElementsAre("1:2", "6:7", "7:8"));
  EXPECT_THAT(Read("table", 2), ElementsAre("6:7", "7:8"));
  EXPECT_THAT(Read("table", 7), ElementsAre("7:8"));
  Open(Quiet());
  EXPECT_EQ(End("table"), 8);
  EXPECT_THAT(Read("table"), ElementsAre("1:2", "6:7", "7:8"));
}

TEST_F(EmbeddedCleanerTest, CompactsAroundAReader) {
  MakeTopic("table", kCompact, 0);
  for (const char* value : {"0", "1", "2", "3"}) ASSERT_TRUE(Append("table", {{"a", value}, {value, value}}).ok());
  auto reader = std::move(log_->OpenReader()).value();
  ASSERT_TRUE(reader->Assign({{{"table", 0}, 0}}).ok());
  std::vector<Record> records;
  ASSERT_TRUE(reader->Poll(kPatience, 1, &records).ok());
  ASSERT_TRUE(log_->CleanUp().ok());
  while (reader->Position({"table", 0}) < 8) ASSERT_TRUE(reader->Poll(kPatience, 1, &records).ok());
  for (size_t i = 1; i < records.size(); ++i) EXPECT_LT(records[i - 1].offset, records[i].offset);
  EXPECT_EQ(ValuesOf(records).back(), "3");
  EXPECT_THAT(ValuesOf(records), testing::IsSupersetOf({"0", "1", "2", "3"}));
}

TEST_F(EmbeddedCleanerTest, LeavesRecentRecordsOfACompactedTopicAlone) {
  MakeTopic("table", kCompact, kHourMs);
  ASSERT_TRUE(Append("table", {{"a", "1"}, {"a", "2"}}).ok());
  clock_.Advance(kHourMs);
  ASSERT_TRUE(Append("table", {{"a", "3"}, {"a", "4"}}).ok());
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("table"), ElementsAre("1:2", "2:3", "3:4"));
}

TEST_F(EmbeddedCleanerTest, DropsTombstonesAfterADay) {
  MakeTopic("table", kCompact, 0);
  ASSERT_TRUE(Append("table", {{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(Delete("table", "a").ok());
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("table"), ElementsAre("1:2", "2:-"));
  clock_.Advance(24 * kHourMs);
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("table"), ElementsAre("1:2"));
  Open(Quiet());
  EXPECT_EQ(End("table"), 3);
}

TEST_F(EmbeddedCleanerTest, CompactsOnlyWhatEveryGroupHasCommitted) {
  MakeTopic("table", kCompact, 0);
  for (const char* value : {"1", "2", "3"}) ASSERT_TRUE(Append("table", {{"a", value}}).ok());
  Commit("group", "table", 2);
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("table"), ElementsAre("1:2", "2:3"));
}

TEST_F(EmbeddedCleanerTest, CleansUpWhileOthersWriteAndRead) {
  EmbeddedLogOptions options = Quiet();
  options.cleanup_interval_ms = 1;
  options.cache_bytes = 4000;
  Open(options);
  MakeTopic("table", kCompact, 0);
  constexpr int kRecords = 1000;
  std::jthread writer([&] {
    for (int i = 0; i < kRecords; ++i) EXPECT_TRUE(Append("table", {{std::to_string(i % 7), std::to_string(i)}}).ok());
  });
  auto reader = std::move(log_->OpenReader()).value();
  ASSERT_TRUE(reader->Assign({{{"table", 0}, 0}}).ok());
  std::vector<Record> records;
  while (reader->Position({"table", 0}) < kRecords) {
    ASSERT_TRUE(reader->Poll(std::chrono::milliseconds(100), 1 << 20, &records).ok());
  }
  std::map<std::string, std::string> seen;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i > 0) {
      ASSERT_LT(records[i - 1].offset, records[i].offset);
    }
    ASSERT_EQ(records[i].value, std::to_string(records[i].offset));
    seen[std::string(records[i].key)] = records[i].value;
  }
  const std::map<std::string, std::string> last = {{"0", "994"}, {"1", "995"}, {"2", "996"}, {"3", "997"},
                                                   {"4", "998"}, {"5", "999"}, {"6", "993"}};
  EXPECT_EQ(seen, last);
  writer.join();
  reader.reset();
  Open(Quiet());
  ASSERT_TRUE(log_->CleanUp().ok());
  EXPECT_THAT(Read("table"),
              ElementsAre("993:993", "994:994", "995:995", "996:996", "997:997", "998:998", "999:999"));
}

}  // namespace
}  // namespace catwalk::streams
