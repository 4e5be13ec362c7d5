#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "state/write_batch.h"
#include "streams/checkpoint.h"
#include "tests/streams/log_contract.h"

namespace catwalk::streams {
namespace {

using schemas::OutgoingRecord;
using schemas::Record;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::SizeIs;

constexpr milliseconds kPatience(30'000);

std::vector<std::string> Numbers(int from, int to) {
  std::vector<std::string> numbers;
  for (int i = from; i < to; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

std::vector<OutgoingRecord> Numbered(const std::string& topic, int32_t partition, int from, int to) {
  std::vector<OutgoingRecord> records;
  for (int i = from; i < to; ++i) records.push_back(Outgoing(topic, partition, "k", std::to_string(i)));
  return records;
}

TEST_P(LogContract, ReadsWhatWasAppendedInOrder) {
  const std::string topic = MakeTopic("in", 1);
  Append(Numbered(topic, 0, 0, 100));
  const auto records = ReadAll({topic});
  ASSERT_EQ(ValuesOf(records), Numbers(0, 100));
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].offset, static_cast<int64_t>(i));
    EXPECT_EQ(records[i].topic, topic);
    EXPECT_EQ(records[i].key, "k");
  }
}

TEST_P(LogContract, KeepsTheOrderWithinEachOfManyPartitions) {
  const std::string topic = MakeTopic("in", 8);
  std::vector<OutgoingRecord> records;
  for (int i = 0; i < 800; ++i) records.push_back(Outgoing(topic, i % 8, "k", std::to_string(i / 8)));
  Append(std::move(records));
  const auto read = ReadAll({topic});
  ASSERT_THAT(read, SizeIs(800));
  for (int32_t partition = 0; partition < 8; ++partition) {
    EXPECT_EQ(ValuesOf(read, {topic, partition}), Numbers(0, 100)) << partition;
  }
}

TEST_P(LogContract, SendsKeysToPartitionsAsJavaDoes) {
  const std::string topic = MakeTopic("in", 4);
  // murmur2 from the tests of org.apache.kafka.common.utils.Utils, positive, modulo 4.
  const std::map<std::string, int32_t> expected = {
      {"21", 0}, {"foobar", 2}, {"a-little-bit-long-string", 0}, {"a-little-bit-longer-string", 3}};
  std::vector<OutgoingRecord> records;
  for (const auto& [key, partition] : expected) records.push_back(Outgoing(topic, -1, key, ""));
  for (int i = 0; i < 100; ++i) records.push_back(Outgoing(topic, -1, "user-" + std::to_string(i), ""));
  Append(std::move(records));
  const auto read = ReadAll({topic});
  ASSERT_THAT(read, SizeIs(104));
  for (const Record& record : read) {
    const auto known = expected.find(std::string(record.key));
    EXPECT_EQ(record.partition, known != expected.end() ? known->second : PartitionForKey(record.key, 4)) << record.key;
  }
}

TEST_P(LogContract, KeepsHeadersTimestampsAndTombstones) {
  const std::string topic = MakeTopic("in", 1);
  OutgoingRecord plain = Outgoing(topic, 0, "plain", "value");
  plain.timestamp_ms = 1'600'000'000'123;
  OutgoingRecord empty = Outgoing(topic, 0, "empty", "");
  empty.timestamp_ms = 1'500'000'000'000;
  empty.headers = {{"rule", "late"}, {"rule", std::string("\0\xff", 2)}, {"none", ""}};
  OutgoingRecord gone = Outgoing(topic, 0, "gone", "");
  gone.timestamp_ms = 1'700'000'000'000;
  gone.tombstone = true;
  Append({plain, empty, gone});
  const auto read = ReadAll({topic});
  ASSERT_THAT(read, SizeIs(3));
  EXPECT_EQ(read[0].timestamp_ms, 1'600'000'000'123);
  EXPECT_THAT(read[0].headers, IsEmpty());
  EXPECT_EQ(read[1].timestamp_ms, 1'500'000'000'000);
  EXPECT_FALSE(read[1].tombstone);
  EXPECT_EQ(read[1].headers, empty.headers);
  EXPECT_EQ(read[2].timestamp_ms, 1'700'000'000'000);
  EXPECT_TRUE(read[2].tombstone);
  EXPECT_EQ(read[2].key, "gone");
}

TEST_P(LogContract, CarriesLargeRecords) {
  const std::string topic = MakeTopic("in", 1);
  std::vector<std::string> values;
  for (const char c : {'a', 'b', 'c'}) values.emplace_back(900'000, c);
  for (const std::string& value : values) Append({Outgoing(topic, 0, "k", value)});
  EXPECT_TRUE(ValuesOf(ReadAll({topic})) == values);
}

TEST_P(LogContract, CarriesAHundredThousandRecordsInOrder) {
  const std::string topic = MakeTopic("in", 1);
  for (int i = 0; i < 100'000; i += 1000) Append(Numbered(topic, 0, i, i + 1000));
  EXPECT_TRUE(ValuesOf(ReadAll({topic})) == Numbers(0, 100'000));
}

TEST_P(LogContract, ReadsFromTheMiddle) {
  const std::string topic = MakeTopic("in", 2);
  Append(Numbered(topic, 1, 0, 50));
  Append(Numbered(topic, 1, 50, 100));
  auto reader = log().OpenReader();
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)->Assign({{{topic, 1}, 30}}).ok());
  std::vector<Record> records;
  while (records.size() < 70) ASSERT_TRUE((*reader)->Poll(kPatience, 1000, &records).ok());
  EXPECT_EQ(ValuesOf(records), Numbers(30, 100));
  EXPECT_EQ((*reader)->Position({topic, 1}), 100);
}

TEST_P(LogContract, AssignStartsAReaderOver) {
  const std::string topic = MakeTopic("in", 1);
  Append(Numbered(topic, 0, 0, 10));
  auto reader = log().OpenReader();
  ASSERT_TRUE(reader.ok());
  for (const int from : {7, 2}) {
    std::vector<Record> records;
    ASSERT_TRUE((*reader)->Assign({{{topic, 0}, from}}).ok());
    while (records.size() < static_cast<size_t>(10 - from)) {
      ASSERT_TRUE((*reader)->Poll(kPatience, 1 << 20, &records).ok());
    }
    EXPECT_EQ(ValuesOf(records), Numbers(from, 10));
  }
}

TEST_P(LogContract, WakesAReaderThatWaits) {
  const std::string topic = MakeTopic("in", 1);
  auto reader = log().OpenReader();
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)->Assign({{{topic, 0}, 0}}).ok());
  std::vector<Record> records;
  auto poll = std::async(std::launch::async, [&] { return (*reader)->Poll(kPatience, 1 << 20, &records); });
  const auto before = std::chrono::steady_clock::now();
  Append({Outgoing(topic, 0, "k", "news")});
  ASSERT_TRUE(poll.get().ok());
  EXPECT_THAT(ValuesOf(records), ElementsAre("news"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPatience / 2);
}

TEST_P(LogContract, KnowsItsTopicsAndTheirEnds) {
  const std::string topic = MakeTopic("in", 3);
  MakeTopic("in", 3);  // it is no error if it exists
  const auto topics = log().ListTopics();
  ASSERT_TRUE(topics.ok()) << topics.status();
  ASSERT_TRUE(topics->contains(topic));
  EXPECT_EQ(topics->at(topic).partitions, 3);
  Append(Numbered(topic, 1, 0, 7));
  const Offsets ends = {{{topic, 0}, 0}, {{topic, 1}, 7}, {{topic, 2}, 0}};
  for (const Isolation isolation : {Isolation::kReadCommitted, Isolation::kReadUncommitted}) {
    const auto end = log().EndOffsets({topic}, isolation);
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(*end, ends);
  }
  const auto begin = log().BeginOffsets({topic});
  ASSERT_TRUE(begin.ok()) << begin.status();
  EXPECT_EQ(begin->at({topic, 1}), 0);
}

TEST_P(LogContract, RefusesATopicThatDoesNotExist) {
  EXPECT_FALSE(log().EndOffsets({Unique("missing")}, Isolation::kReadCommitted).ok());
}

TEST_P(LogContract, ShowsNothingOfATransactionBeforeItsCommitAndAllOfItAfter) {
  const std::string in = MakeTopic("in", 1);
  const std::string one = MakeTopic("one", 1);
  const std::string other = MakeTopic("other", 2);
  const auto member = Join(Unique("group"), {in});
  ASSERT_TRUE(member->PollUntilItOwns(1));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(member->transport().Produce(Outgoing(one, 0, "k", std::to_string(i))).ok());
    ASSERT_TRUE(member->transport().Produce(Outgoing(other, 1, "k", std::to_string(i))).ok());
  }
  EXPECT_THAT(ReadAll({one, other}, Isolation::kReadCommitted), IsEmpty());
  ASSERT_TRUE(member->Commit(0, nullptr).ok());
  const auto records = ReadAll({one, other});
  EXPECT_EQ(ValuesOf(records, {one, 0}), Numbers(0, 10));
  EXPECT_EQ(ValuesOf(records, {other, 1}), Numbers(0, 10));
}

TEST_P(LogContract, LeavesNothingOfAnAbortedTransaction) {
  const std::string in = MakeTopic("in", 1);
  const std::string out = MakeTopic("out", 1);
  const std::string group = Unique("group");
  const auto member = Join(group, {in});
  ASSERT_TRUE(member->PollUntilItOwns(1));
  ASSERT_TRUE(member->transport().Produce(Outgoing(out, 0, "k", "dropped")).ok());
  ASSERT_TRUE(member->transport().Abort().ok());
  EXPECT_THAT(ReadAll({out}), IsEmpty());
  EXPECT_THAT(DecidedOffsets(log(), group, in), IsEmpty());
  member->StartOver();
  ASSERT_TRUE(member->transport().Produce(Outgoing(out, 0, "k", "kept")).ok());
  ASSERT_TRUE(member->Commit(0, nullptr).ok());
  EXPECT_THAT(ValuesOf(ReadAll({out})), ElementsAre("kept"));
}

TEST_P(LogContract, DropsWhatATransportThatGoesHasNotCommitted) {
  const std::string in = MakeTopic("in", 1);
  const std::string out = MakeTopic("out", 1);
  const std::string group = Unique("group");
  auto member = Join(group, {in});
  ASSERT_TRUE(member->PollUntilItOwns(1));
  ASSERT_TRUE(member->transport().Produce(Outgoing(out, 0, "k", "dropped")).ok());
  member.reset();
  member = Join(group, {in});
  ASSERT_TRUE(member->PollUntilItOwns(1));
  ASSERT_TRUE(member->transport().Produce(Outgoing(out, 0, "k", "kept")).ok());
  ASSERT_TRUE(member->Commit(0, nullptr).ok());
  EXPECT_THAT(ValuesOf(ReadAll({out})), ElementsAre("kept"));
}

TEST_P(LogContract, DeliversAgainAfterAnAbort) {
  const std::string in = MakeTopic("in", 1);
  Append(Numbered(in, 0, 0, 20));
  const auto member = Join(Unique("group"), {in});
  ASSERT_TRUE(member->PollUntilItHas(20));
  ASSERT_TRUE(member->Commit(0, nullptr).ok());
  Append(Numbered(in, 0, 20, 30));
  member->records.clear();
  ASSERT_TRUE(member->PollUntilItHas(10));
  ASSERT_TRUE(member->transport().Abort().ok());
  member->StartOver();
  ASSERT_TRUE(member->PollUntilItHas(10));
  EXPECT_EQ(ValuesOf(member->records), Numbers(20, 30));
}

TEST_P(LogContract, CommitsPositionsAndStateTogetherAndFindsThemAgain) {
  const std::string in = MakeTopic("in", 1);
  const std::string group = Unique("group");
  Append(Numbered(in, 0, 0, 40));
  auto member = Join(group, {in});
  ASSERT_TRUE(member->PollUntilItHas(40));
  state::WriteBatch state;
  state.Put(OpenStore("things"), "sum", "780");
  EXPECT_EQ(StateAt("sum"), std::nullopt);
  ASSERT_TRUE(member->Commit(0, &state).ok());
  EXPECT_TRUE(state.empty());
  EXPECT_EQ(StateAt("sum"), "780");
  ASSERT_TRUE(member->transport().Stop(false).ok());
  member.reset();
  Reopen();
  EXPECT_EQ(DecidedOffsets(log(), group, in), (Offsets{{{in, 0}, 40}}));
  Append(Numbered(in, 0, 40, 50));
  member = Join(group, {in});
  ASSERT_TRUE(member->PollUntilItHas(10));
  EXPECT_EQ(ValuesOf(member->records), Numbers(40, 50));
}

TEST_P(LogContract, CommitsWithoutOutputs) {
  const std::string in = MakeTopic("in", 2);
  const std::string group = Unique("group");
  Append(Numbered(in, 1, 0, 5));
  const auto member = Join(group, {in});
  ASSERT_TRUE(member->PollUntilItHas(5));
  ASSERT_TRUE(member->Commit(1, nullptr).ok());
  EXPECT_EQ(DecidedOffsets(log(), group, in), (Offsets{{{in, 1}, 5}}));
  const auto row = ReadCheckpoint(database().Store(OpenStore(kCheckpointStore)), group, 1);
  ASSERT_TRUE(row.ok() && row->has_value()) << row.status();
  EXPECT_EQ((*row)->sources(0).offset(), 5);
}

TEST_P(LogContract, StartsAPartitionWhereItIsTold) {
  const std::string in = MakeTopic("in", 1);
  Append(Numbered(in, 0, 0, 60));
  const auto member = Join(Unique("group"), {in});
  ASSERT_TRUE(member->PollUntilItHas(60));
  schemas::Checkpoint from;
  auto* source = from.add_sources();
  source->set_topic(in);
  source->set_offset(45);
  member->records.clear();
  ASSERT_TRUE(member->transport().StartPartition(0, from).ok());
  ASSERT_TRUE(member->PollUntilItHas(15));
  EXPECT_EQ(ValuesOf(member->records), Numbers(45, 60));
}

TEST_P(LogContract, PausesAndResumesOneSource) {
  const std::string paused = MakeTopic("paused", 1);
  const std::string other = MakeTopic("other", 1);
  const auto member = Join(Unique("group"), {paused, other});
  ASSERT_TRUE(member->PollUntilItOwns(1));
  ASSERT_TRUE(member->transport().Pause({paused, 0}).ok());
  Append(Numbered(paused, 0, 0, 10));
  Append(Numbered(other, 0, 0, 10));
  ASSERT_TRUE(member->PollUntilItHas(10));
  member->Poll();
  EXPECT_EQ(ValuesOf(member->records, {other, 0}), Numbers(0, 10));
  EXPECT_THAT(member->records, SizeIs(10));
  ASSERT_TRUE(member->transport().Resume({paused, 0}).ok());
  ASSERT_TRUE(member->PollUntilItHas(20));
  EXPECT_EQ(ValuesOf(member->records, {paused, 0}), Numbers(0, 10));
}

TEST_P(LogContract, KnowsHowFarItHasRead) {
  const std::string in = MakeTopic("in", 1);
  Append(Numbered(in, 0, 0, 10));
  const auto member = Join(Unique("group"), {in});
  ASSERT_TRUE(member->PollUntilItOwns(1));
  EXPECT_GE(member->transport().Progress({in, 0}).known_end, 10);
  ASSERT_TRUE(member->PollUntilItHas(10));
  EXPECT_EQ(member->transport().Progress({in, 0}).position, 10);
  EXPECT_TRUE(member->PollUntil([&] { return member->transport().Progress({in, 0}).caught_up(); }));
  Append(Numbered(in, 0, 10, 15));
  ASSERT_TRUE(member->PollUntilItHas(15));
  EXPECT_EQ(member->transport().Progress({in, 0}).position, 15);
  EXPECT_GE(member->transport().Progress({in, 0}).known_end, 15);
}

TEST_P(LogContract, CatchesUpWithATopicWrittenByTransactions) {
  const std::string in = MakeTopic("in", 1);
  const std::string between = MakeTopic("between", 1);
  const auto upstream = Join(Unique("upstream"), {in});
  ASSERT_TRUE(upstream->PollUntilItOwns(1));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(upstream->transport().Produce(Outgoing(between, 0, "k", std::to_string(i))).ok());
    ASSERT_TRUE(upstream->Commit(0, nullptr).ok());
  }
  const auto downstream = Join(Unique("downstream"), {between});
  ASSERT_TRUE(downstream->PollUntilItHas(3));
  EXPECT_EQ(ValuesOf(downstream->records), Numbers(0, 3));
  EXPECT_TRUE(downstream->PollUntil([&] { return downstream->transport().Progress({between, 0}).caught_up(); }));
}

TEST_P(LogContract, SharesPartitionsOutTogetherAcrossTopics) {
  const std::string clicks = MakeTopic("clicks", 4);
  const std::string purchases = MakeTopic("purchases", 4);
  const std::string group = Unique("group");
  const auto first = Join(group, {clicks, purchases}, 0, 2);
  const auto second = Join(group, {clicks, purchases}, 1, 2);
  ASSERT_TRUE(first->PollUntil([&] {
    second->Poll();
    return first->owned.size() == 2 && second->owned.size() == 2;
  }));
  std::vector<OutgoingRecord> records;
  for (int32_t partition = 0; partition < 4; ++partition) {
    records.push_back(Outgoing(clicks, partition, "k", "click"));
    records.push_back(Outgoing(purchases, partition, "k", "purchase"));
  }
  Append(std::move(records));
  ASSERT_TRUE(first->PollUntilItHas(4));
  ASSERT_TRUE(second->PollUntilItHas(4));
  for (const auto* member : {first.get(), second.get()}) {
    for (const int32_t partition : member->owned) {
      EXPECT_THAT(ValuesOf(member->records, {clicks, partition}), ElementsAre("click"));
      EXPECT_THAT(ValuesOf(member->records, {purchases, partition}), ElementsAre("purchase"));
    }
  }
}

TEST_P(LogContract, CommitsInTheRevocationThatStopBrings) {
  const std::string in = MakeTopic("in", 2);
  const std::string group = Unique("group");
  Append(Numbered(in, 0, 0, 3));
  Append(Numbered(in, 1, 0, 4));
  const auto member = Join(group, {in});
  ASSERT_TRUE(member->PollUntilItHas(7));
  member->on_revoked = [&](int32_t partition) { EXPECT_TRUE(member->Commit(partition, nullptr).ok()); };
  ASSERT_TRUE(member->transport().Stop(false).ok());
  EXPECT_THAT(member->revoked, IsSupersetOf({0, 1}));
  EXPECT_THAT(member->owned, IsEmpty());
  EXPECT_EQ(DecidedOffsets(log(), group, in), (Offsets{{{in, 0}, 3}, {{in, 1}, 4}}));
  const size_t revocations = member->revoked.size();
  EXPECT_TRUE(member->transport().Stop(false).ok());
  EXPECT_EQ(member->revoked.size(), revocations);
}

}  // namespace
}  // namespace catwalk::streams
