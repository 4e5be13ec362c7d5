#include "streams/embedded_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "state/memory_database.h"
#include "state/rocksdb_database.h"
#include "state/write_batch.h"
#include "streams/checkpoint.h"
#include "streams/embedded_topics.h"
#include "tests/streams/embedded_fixture.h"
#include "tests/streams/log_contract.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::streams {
namespace {

using schemas::Record;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class EmbeddedBackend final : public LogBackend {
 public:
  explicit EmbeddedBackend(bool rocksdb) {
    auto opened = rocksdb ? state::OpenRocksDb({.path = folder_.string(), .memory_bytes = 32U << 20})
                          : Result<std::unique_ptr<state::Database>>(state::MakeMemoryDatabase());
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) database_ = std::move(opened).value();
  }
  Result<std::unique_ptr<Log>> OpenLog() override { return OpenEmbeddedLog(*database_, clock_, Quiet()); }
  state::Database& database() override { return *database_; }

 private:
  tests::TempDir folder_;
  ManualClock clock_;
  std::unique_ptr<state::Database> database_;
};

INSTANTIATE_TEST_SUITE_P(
    Embedded, LogContract,
    testing::Values(LogBackendFactory{"Memory", [] { return std::make_unique<EmbeddedBackend>(false); }},
                    LogBackendFactory{"RocksDb", [] { return std::make_unique<EmbeddedBackend>(true); }}),
    [](const auto& test) { return test.param.name; });

TEST_F(EmbeddedLogTest, FindsTopicsAndRecordsAgain) {
  MakeTopic("in", kDelete, -1);
  MakeTopic("other", kDelete, -1);
  ASSERT_TRUE(Append("in", {{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(Append("other", {{"a", "x"}}).ok());
  Open(Quiet());
  EXPECT_EQ(log_->ListTopics()->size(), 2U);
  ASSERT_TRUE(Append("in", {{"c", "3"}}).ok());
  EXPECT_THAT(Read("in"), ElementsAre("0:1", "1:2", "2:3"));
  EXPECT_THAT(Read("other"), ElementsAre("0:x"));
  MakeTopic("third", kDelete, -1);
  EXPECT_THAT(Read("third"), IsEmpty());
}

TEST_F(EmbeddedLogTest, RefusesAnotherNumberOfPartitions) {
  MakeTopic("in", kDelete, -1);
  Open(Quiet());
  const Status status = log_->CreateTopic("in", schemas::TopicSpec{}, 2);
  EXPECT_EQ(status.code(), Code::kTopicMismatch);
  EXPECT_THAT(status.message(), HasSubstr("has 1 partitions, not 2"));
}

TEST_F(EmbeddedLogTest, TakesNothingIfOneRecordIsRefused) {
  MakeTopic("in", kDelete, -1);
  const Status status =
      (*log_->OpenWriter())->Append({Outgoing("in", 0, "k", "1"), Outgoing("missing", 0, "k", "2")});
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ((*log_->OpenWriter())->Append({Outgoing("in", 1, "k", "1")}).code(), Code::kInvalidArgument);
  EXPECT_EQ(End("in"), 0);
}

TEST_F(EmbeddedLogTest, DatesRecordsByItsClock) {
  MakeTopic("in", kDelete, -1);
  ASSERT_TRUE(Append("in", {{"a", "1"}}).ok());
  auto reader = std::move(log_->OpenReader()).value();
  ASSERT_TRUE(reader->Assign({{{"in", 0}, 0}}).ok());
  std::vector<Record> records;
  ASSERT_TRUE(reader->Poll(kPatience, 1 << 20, &records).ok());
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].timestamp_ms, clock_.NowMs());
}

TEST_F(EmbeddedLogTest, NoticesAnyByteThatHasChanged) {
  MakeTopic("in", kDelete, -1);
  ASSERT_TRUE(Append("in", {{"a", "1"}, {"b", "2"}}).ok());
  const uint32_t store = *database_.OpenStore("log");
  std::string key;
  std::string row;
  ASSERT_TRUE(*database_.Store(store).Last("", "", &key, &row));
  for (size_t at = 0; at < row.size(); ++at) {
    std::string damaged = row;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    state::WriteBatch batch;
    batch.Put(store, key, damaged);
    ASSERT_TRUE(database_.Write(batch, false).ok());
    const Status status = EmbeddedLog::Open(database_, clock_, Quiet()).status();
    EXPECT_EQ(status.code(), Code::kCorruption) << at;
    EXPECT_THAT(status.message(), HasSubstr("topic \"in\", partition 0, records from offset 0")) << at;
  }
}

TEST_F(EmbeddedLogTest, HandsOutWhatStandsBeforeDamageAndThenRefuses) {
  MakeTopic("in", kDelete, -1);
  for (const char* value : {"1", "2", "3"}) ASSERT_TRUE(Append("in", {{"a", value}}).ok());
  const uint32_t store = *database_.OpenStore("log");
  std::vector<std::pair<std::string, std::string>> rows;
  ASSERT_TRUE(database_.Store(store)
                  .Scan("", "", [&](std::string_view key, std::string_view row) {
                    rows.emplace_back(key, row);
                    return true;
                  }).ok());
  ASSERT_THAT(rows, SizeIs(3));
  state::WriteBatch batch;
  batch.Put(store, rows[1].first, rows[0].second);  // whole, but in the wrong place
  ASSERT_TRUE(database_.Write(batch, false).ok());
  Open(Quiet());
  auto reader = std::move(log_->OpenReader()).value();
  ASSERT_TRUE(reader->Assign({{{"in", 0}, 0}}).ok());
  std::vector<Record> records;
  Status status = reader->Poll(kPatience, 1, &records);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(ValuesOf(records), ElementsAre("1"));
  status = reader->Poll(kPatience, 1, &records);
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_THAT(status.message(), HasSubstr("records from offset 1"));
}

TEST_F(EmbeddedLogTest, PushesBackWhenAGroupLags) {
  EmbeddedLogOptions options = Quiet();
  options.max_backlog_bytes = 10'000;
  Open(options);
  MakeTopic("in", kDelete, -1);
  MakeTopic("unread", kDelete, -1);
  ASSERT_TRUE(log_->OpenTransport(GroupOptions("group", "in")).ok());
  const std::string kilobyte(1000, 'x');
  int taken = 0;
  Status status = Append("in", {{"a", kilobyte}});
  for (; status.ok() && taken < 100; status = Append("in", {{"a", kilobyte}})) ++taken;
  EXPECT_EQ(status.code(), Code::kBackpressure);
  EXPECT_TRUE(status.retryable());
  EXPECT_EQ(taken, 10);  // of about 1,050 bytes: the tenth went above
  EXPECT_EQ(End("in"), taken);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Append("unread", {{"a", kilobyte}}).ok());
  Commit("group", "in", 5);
  EXPECT_TRUE(Append("in", {{"a", kilobyte}}).ok());
  Open(options);
  for (taken = 0; taken < 100 && Append("in", {{"a", kilobyte}}).ok();) ++taken;
  EXPECT_EQ(taken, 4);
}

TEST_F(EmbeddedLogTest, AbortsACommitThatFindsTheDiskFullAndTakesItAgain) {
  MakeTopic("in", kDelete, -1);
  MakeTopic("out", kDelete, -1);
  auto transport = std::move(log_->OpenTransport(GroupOptions("group", "in"))).value();
  ASSERT_TRUE(transport->Produce(Outgoing("out", 0, "k", "result")).ok());
  const uint32_t things = *database_.OpenStore("things");
  state::WriteBatch state;
  state.Put(things, "sum", "7");
  database_.full = true;
  const Status status = transport->Commit({.tasks = {}, .state = &state});
  EXPECT_EQ(status.code(), Code::kNoSpace);
  EXPECT_TRUE(status.abortable());
  EXPECT_EQ(End("out"), 0);
  database_.full = false;
  ASSERT_TRUE(Append("out", {{"k", "another"}}).ok());  // takes the offset
  ASSERT_TRUE(transport->Abort().ok());
  ASSERT_TRUE(transport->Produce(Outgoing("out", 0, "k", "result")).ok());
  state.Clear();
  state.Put(things, "sum", "7");
  ASSERT_TRUE(transport->Commit({.tasks = {}, .state = &state}).ok());
  EXPECT_THAT(Read("out"), ElementsAre("0:another", "1:result"));
  transport.reset();
  Open(Quiet());
  EXPECT_THAT(Read("out"), ElementsAre("0:another", "1:result"));
  std::string sum;
  EXPECT_TRUE(*database_.Store(things).Get("sum", &sum));
  EXPECT_EQ(sum, "7");
}

TEST_F(EmbeddedLogTest, DatesCheckpointsAndHasNoChangelogOffset) {
  MakeTopic("in", kDelete, -1);
  Commit("group", "in", 0);
  const auto row = ReadCheckpoint(database_.Store(*database_.OpenStore(kCheckpointStore)), "group", 0);
  ASSERT_TRUE(row.ok() && row->has_value());
  EXPECT_EQ((*row)->committed_at_ms(), clock_.NowMs());
  EXPECT_EQ((*row)->changelog_offset(), 0);
}

TEST_F(EmbeddedLogTest, RefusesTopicsThatAreNotCoPartitioned) {
  MakeTopic("one", kDelete, -1);
  ASSERT_TRUE(log_->CreateTopic("two", schemas::TopicSpec{}, 2).ok());
  TransportOptions options = GroupOptions("group", "one");
  options.topics = {"one", "two"};
  EXPECT_EQ(log_->OpenTransport(options).status().code(), Code::kTopicMismatch);
}

TEST_F(EmbeddedLogTest, SyncsOnlyWhatIsNew) {
  MakeTopic("in", kDelete, -1);
  auto writer = std::move(log_->OpenWriter()).value();
  ASSERT_TRUE(Append("in", {{"a", "1"}}).ok());
  EXPECT_EQ(database_.syncs, 0);
  ASSERT_TRUE(writer->Sync(kPatience).ok());
  EXPECT_EQ(database_.syncs, 1);
  ASSERT_TRUE(writer->Sync(kPatience).ok());
  EXPECT_EQ(database_.syncs, 1);
  ASSERT_TRUE(Append("in", {{"a", "2"}}).ok());
  database_.full = true;
  EXPECT_EQ(writer->Sync(kPatience).code(), Code::kNoSpace);
  database_.full = false;
  EXPECT_TRUE(writer->Sync(kPatience).ok());
  writer.reset();
  Open(Quiet());
  EXPECT_THAT(log_->ListTopics()->size(), 1U);  // what a sync writes is no topic
}

TEST_F(EmbeddedLogTest, NeverShowsAnOffsetBeforeALowerOne) {
  MakeTopic("in", kDelete, -1);
  constexpr int kEach = 500;
  std::vector<std::jthread> writers;
  std::atomic<int> failed = 0;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&] {
      auto writer = std::move(log_->OpenWriter()).value();
      for (int i = 0; i < kEach; ++i) {
        if (!writer->Append({Outgoing("in", 0, "k", "v")}).ok()) ++failed;
        if (i % 50 == 0 && !writer->Sync(kPatience).ok()) ++failed;
      }
    });
  }
  auto reader = std::move(log_->OpenReader()).value();
  ASSERT_TRUE(reader->Assign({{{"in", 0}, 0}}).ok());
  std::vector<Record> records;
  while (records.size() < 3 * kEach) ASSERT_TRUE(reader->Poll(kPatience, 1 << 20, &records).ok());
  for (size_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i].offset, static_cast<int64_t>(i));
  EXPECT_EQ(failed, 0);
}

TEST_F(EmbeddedLogTest, ReadsAlikeWithAndWithoutACache) {
  EmbeddedLogOptions options = Quiet();
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{2000}, uint64_t{1} << 20}) {
    options.cache_bytes = bytes;
    Open(options);
    const std::string topic = "in-" + std::to_string(bytes);
    MakeTopic(topic, kDelete, -1);
    std::vector<std::string> expected;
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(Append(topic, {{"a", std::to_string(i)}, {"b", "x"}}).ok());
      expected.push_back(std::to_string(2 * i) + ":" + std::to_string(i));
      expected.push_back(std::to_string(2 * i + 1) + ":x");
    }
    EXPECT_EQ(Read(topic), expected);
    EXPECT_EQ(Read(topic, 93), std::vector<std::string>(expected.begin() + 93, expected.end()));
  }
}

TEST(EmbeddedLogOnDisk, CanBeReadFromAFolderOpenedReadOnly) {
  const tests::TempDir folder;
  const ManualClock clock;
  {
    auto database = std::move(state::OpenRocksDb({.path = folder.string()})).value();
    auto log = std::move(EmbeddedLog::Open(*database, clock, Quiet())).value();
    ASSERT_TRUE(log->CreateTopic("in", schemas::TopicSpec{}, 1).ok());
    ASSERT_TRUE((*log->OpenWriter())->Append({Outgoing("in", 0, "k", "v")}).ok());
  }
  auto database = state::OpenRocksDb({.path = folder.string(), .read_only = true});
  ASSERT_TRUE(database.ok()) << database.status();
  EmbeddedLogOptions options;
  options.read_only = true;
  options.location = "the folder";
  auto log = EmbeddedLog::Open(**database, clock, options);
  ASSERT_TRUE(log.ok()) << log.status();
  auto reader = std::move((*log)->OpenReader()).value();
  ASSERT_TRUE(reader->Assign({{{"in", 0}, 0}}).ok());
  std::vector<Record> records;
  ASSERT_TRUE(reader->Poll(kPatience, 1 << 20, &records).ok());
  EXPECT_THAT(ValuesOf(records), ElementsAre("v"));
  EXPECT_EQ((*log)->OpenWriter().status().code(), Code::kInvalidArgument);
  EXPECT_EQ((*log)->CreateTopic("new", schemas::TopicSpec{}, 1).code(), Code::kInvalidArgument);
  EXPECT_EQ((*log)->CleanUp().message(),
            "embedded log in the folder is open for reading only; open it for writing to change it");
}

TEST(ByteMarks, CountsBytesBehindAnOffset) {
  ByteMarks marks;
  EXPECT_EQ(marks.BytesFrom(0), 0U);
  uint64_t bytes = 0;
  for (int64_t end = 100; end <= 1000; end += 100) marks.Append(end, bytes += 1 << 20);   // 10 MiB in 1,000 records
  for (int64_t end = 1010; end <= 1100; end += 10) marks.Append(end, bytes += 1 << 20);   // 10 MiB in 100
  EXPECT_EQ(marks.BytesFrom(0), 20U << 20);
  EXPECT_EQ(marks.BytesFrom(550), (29U << 20) / 2);
  EXPECT_EQ(marks.BytesFrom(1050), 5U << 20);
  EXPECT_EQ(marks.BytesFrom(1100), 0U);
  marks.Restore(500, 1000, 600, 3000);
  EXPECT_EQ(marks.BytesFrom(0), 2000U);
  EXPECT_EQ(marks.BytesFrom(550), 1000U);
}

}  // namespace
}  // namespace catwalk::streams
