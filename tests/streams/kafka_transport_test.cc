#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "state/write_batch.h"
#include "streams/kafka_log.h"
#include "streams/kafka_transaction.h"
#include "tests/chaos/broker_proxy.h"
#include "tests/streams/kafka_fixture.h"
#include "tests/streams/log_contract.h"
#include "tests/testing/matchers.h"

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using tests::HasCode;
using tests::HasMessage;
using tests::IsOk;

class KafkaTransportTest : public KafkaTest {
 protected:
  void SetUp() override {
    KafkaTest::SetUp();
    in_ = MakeTopic("in", 1);
    out_ = MakeTopic("out", 1);
  }

  /// A worker that owns partition 0 of the input.
  std::unique_ptr<KafkaTestWorker> Owner(int64_t from = 0) {
    auto worker = std::make_unique<KafkaTestWorker>(*log_, Options({in_}));
    worker->starts()[0] = At(in_, from);
    EXPECT_THAT(worker->Start(), IsOk());
    EXPECT_TRUE(worker->PollUntilOwned(1));
    return worker;
  }

  Status Commit(Transport& transport, int64_t offset) {
    state::WriteBatch batch;
    CommitRequest request{.tasks = {{.partition = 0, .checkpoint = At(in_, offset)}}, .state = &batch};
    return transport.Commit(request);
  }

  int64_t Committed() {
    const Offsets offsets = DecidedOffsets(*log_, Name("group"), in_);
    const auto found = offsets.find({in_, 0});
    return found == offsets.end() ? -1 : found->second;
  }

  std::string in_;
  std::string out_;
};

TEST_F(KafkaTransportTest, ASecondOwnerOfAnIdentityFencesTheFirst) {
  const auto first = Owner();
  ASSERT_THAT(first->transport().Produce(Record(out_, "first")), IsOk());
  const auto second = std::make_unique<KafkaTestWorker>(*log_, Options({in_}));
  ASSERT_THAT(second->Start(), IsOk());
  const Status status = Commit(first->transport(), 1);
  EXPECT_THAT(status, HasCode(Code::kFenced));
  EXPECT_TRUE(status.fatal());
  EXPECT_EQ(Committed(), -1);
  EXPECT_THAT(ReadAll(out_, 0), IsEmpty());
}

TEST_F(KafkaTransportTest, AMemberWhoseIdIsTakenOverIsToldSoWhenItPolls) {
  const auto first = Owner();
  const auto second = std::make_unique<KafkaTestWorker>(*log_, Options({in_}));
  ASSERT_THAT(second->Start(), IsOk());
  ASSERT_TRUE(second->PollUntilOwned(1));
  Status status;
  const auto deadline = steady_clock::now() + seconds(20);
  while (status.ok() && steady_clock::now() < deadline)
    status = first->transport().Poll(milliseconds(10), &first->read());
  EXPECT_THAT(status, HasCode(Code::kFenced));
  EXPECT_TRUE(status.fatal());
}

TEST_F(KafkaTransportTest, OthersAreToldWhoReadsWhat) {
  const auto owner = Owner();
  const auto members = log_->Members(Name("group"), in_);
  ASSERT_THAT(members, IsOk());
  ASSERT_EQ(members->size(), 1U);
  EXPECT_EQ(members->front().id, Name("group") + "-test-0");
  EXPECT_EQ(members->front().instance, "test");
  EXPECT_EQ(members->front().address, "");
  EXPECT_THAT(members->front().partitions, ElementsAre(0));
}

TEST_F(KafkaTransportTest, DestroyedWithoutACommitItLeavesNothing) {
  Fill(in_, 0, 3);
  auto owner = Owner();
  ASSERT_TRUE(owner->PollUntilRead(3));
  ASSERT_THAT(owner->transport().Produce(Record(out_, "lost")), IsOk());
  ASSERT_TRUE(owner->PollUntil([&] { return End(out_, Isolation::kReadUncommitted) == 1; }));
  owner.reset();
  const auto heir = Owner();
  ASSERT_TRUE(heir->PollUntilRead(3));
  EXPECT_EQ(Committed(), -1);
  ASSERT_THAT(heir->transport().Produce(Record(out_, "kept")), IsOk());
  ASSERT_THAT(Commit(heir->transport(), 3), IsOk());
  EXPECT_EQ(Committed(), 3);
  EXPECT_THAT(ReadAll(out_, 0), ElementsAre("kept"));
}

/// Its answer never comes, and nobody is there to send it to again. The broker has it, and must not take the next one for a repetition.
TEST_F(KafkaTransportTest, ARecordAfterAnAbortedOneThatWasNotAnsweredIsNotTakenForIt) {
  chaos::BrokerProxy proxy(TestBroker(), 1);
  KafkaOptions options;
  options.bootstrap = proxy.Bootstrap();
  log_ = std::move(OpenKafkaLog(database_.get(), clock_, options)).value();
  const auto owner = Owner();
  ASSERT_THAT(owner->transport().Produce(Record(out_, "before")), IsOk());
  ASSERT_THAT(Commit(owner->transport(), 0), IsOk());
  const chaos::Fault lost{chaos::Effect::kTurnAway, chaos::Moment::kBeforeAnswer, chaos::Api::kProduce, milliseconds(500)};
  proxy.Plan(lost);
  ASSERT_THAT(owner->transport().Produce(Record(out_, "aborted")), IsOk());
  ASSERT_TRUE(owner->PollUntil([&] { return proxy.Fired(lost) == 1; }));
  ASSERT_THAT(owner->transport().Abort(), IsOk());
  ASSERT_THAT(owner->transport().Produce(Record(out_, "kept")), IsOk());
  ASSERT_THAT(Commit(owner->transport(), 0), IsOk());
  EXPECT_THAT(ReadAll(out_, 0), ElementsAre("before", "kept"));
}

TEST_F(KafkaTransportTest, FencingAnIdentityEndsWhatItLeftOpen) {
  const auto stuck = Owner();
  ASSERT_THAT(stuck->transport().Produce(Record(out_, "lost")), IsOk());
  ASSERT_TRUE(stuck->PollUntil([&] { return End(out_, Isolation::kReadUncommitted) == 1; }));
  EXPECT_EQ(End(out_, Isolation::kReadCommitted), 0);
  ASSERT_THAT(log_->FenceIdentities(Name("group"), "test", 1), IsOk());
  EXPECT_THAT(ReadAll(out_, 0), IsEmpty());
  EXPECT_EQ(End(out_, Isolation::kReadCommitted), End(out_, Isolation::kReadUncommitted));
}

TEST_F(KafkaTransportTest, OffsetsOfAnOpenTransactionAreToldToBeUndecidedAndNotWaitedFor) {
  const std::string in = MakeTopic("wide", 2);
  Fill(in, 0, 3);
  KafkaOptions options;
  options.bootstrap = TestBroker();
  const auto transaction = KafkaTransaction::Open(options, Name("writer"), clock_);
  ASSERT_THAT(transaction, IsOk());
  ASSERT_THAT((*transaction)->Init(), IsOk());
  const GroupMetadataPtr nobody(rd_kafka_consumer_group_metadata_new(Name("group").c_str()));
  const auto send = [&](int32_t partition) {
    const PartitionsPtr offsets(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(offsets.get(), in.c_str(), partition)->offset = 2 + partition;
    EXPECT_THAT((*transaction)->Begin(), IsOk());
    EXPECT_THAT((*transaction)->SendOffsets(*offsets, *nobody), IsOk());
  };
  send(0);
  ASSERT_THAT((*transaction)->Commit(), IsOk());
  EXPECT_EQ(DecidedOffsets(*log_, Name("group"), in), (Offsets{{{in, 0}, 2}}));
  send(1);
  const auto began = steady_clock::now();
  const auto offsets = log_->CommittedOffsets(Name("group"), {in});
  EXPECT_LT(steady_clock::now() - began, seconds(2)) << "the transaction may be open for ten";
  ASSERT_THAT(offsets, IsOk());
  EXPECT_EQ(*offsets, (Offsets{{{in, 0}, 2}, {{in, 1}, kUndecided}}));
  ASSERT_THAT((*transaction)->Abort(), IsOk());
  EXPECT_EQ(DecidedOffsets(*log_, Name("group"), in), (Offsets{{{in, 0}, 2}}));
}

TEST_F(KafkaTransportTest, TheCommittedEndStaysBeforeAnOpenTransaction) {
  const auto worker = Owner();
  for (const char* value : {"a", "b"}) ASSERT_THAT(worker->transport().Produce(Record(out_, value)), IsOk());
  ASSERT_TRUE(worker->PollUntil([&] { return End(out_, Isolation::kReadUncommitted) == 2; }));
  EXPECT_EQ(End(out_, Isolation::kReadCommitted), 0);
  ASSERT_THAT(Commit(worker->transport(), 0), IsOk());
  EXPECT_THAT(ReadAll(out_, 0), ElementsAre("a", "b"));
  EXPECT_EQ(End(out_, Isolation::kReadCommitted), 3);  // the commit's control record takes an offset
}

TEST_F(KafkaTransportTest, StoresWhereTheChangelogStandsAndKeepsItWhenNothingChanged) {
  changelog_ = MakeTopic("changelog", 1);
  const auto worker = Owner();
  for (const char* value : {"a", "b"}) ASSERT_THAT(worker->transport().Produce(Record(changelog_, value)), IsOk());
  ASSERT_THAT(Commit(worker->transport(), 5), IsOk());
  EXPECT_EQ(StoredCheckpoint(0).changelog_offset(), 2);
  EXPECT_EQ(StoredCheckpoint(0).sources(0).offset(), 5);
  EXPECT_GT(StoredCheckpoint(0).committed_at_ms(), 0);
  ASSERT_THAT(worker->transport().Produce(Record(out_, "c")), IsOk());
  ASSERT_THAT(Commit(worker->transport(), 6), IsOk());
  EXPECT_EQ(StoredCheckpoint(0).changelog_offset(), 2);
  EXPECT_EQ(StoredCheckpoint(0).sources(0).offset(), 6);
  ASSERT_THAT(worker->transport().Produce(Record(changelog_, "d")), IsOk());
  ASSERT_THAT(Commit(worker->transport(), 7), IsOk());
  EXPECT_EQ(StoredCheckpoint(0).changelog_offset(), 4);  // "d" is at 3, after the control record
}

TEST_F(KafkaTransportTest, OfAnAbortedChangelogNothingIsStored) {
  changelog_ = MakeTopic("changelog", 1);
  const auto worker = Owner();
  ASSERT_THAT(worker->transport().Produce(Record(changelog_, "a")), IsOk());
  ASSERT_THAT(worker->transport().Abort(), IsOk());
  ASSERT_THAT(Commit(worker->transport(), 1), IsOk());
  EXPECT_EQ(StoredCheckpoint(0).changelog_offset(), 0);
}

TEST_F(KafkaTransportTest, DeliversExactlyFromTheOffsetItIsSentBackTo) {
  Fill(in_, 0, 5000);
  const auto worker = Owner();
  ASSERT_TRUE(worker->PollUntilRead(1000));
  for (const int64_t back : {700, 100, 0}) {
    ASSERT_THAT(worker->transport().Abort(), IsOk());
    worker->read().clear();
    ASSERT_THAT(worker->transport().StartPartition(0, At(in_, back)), IsOk());
    ASSERT_TRUE(worker->PollUntilRead(1500));
    for (size_t i = 0; i < worker->read().size(); ++i)
      ASSERT_EQ(worker->read()[i].offset, back + static_cast<int64_t>(i));
  }
}

TEST_F(KafkaTransportTest, APausedSourceStandsStillAndLosesNothing) {
  const std::string other = MakeTopic("other", 1);
  Fill(in_, 0, 10'000);
  KafkaTestWorker worker = MakeWorker({in_, other});
  ASSERT_THAT(worker.Start(), IsOk());
  ASSERT_TRUE(worker.PollUntilRead(1));
  for (int round = 0; round < 5; ++round) {
    ASSERT_THAT(worker.transport().Pause({in_, 0}), IsOk());
    Fill(other, 0, 1);
    const int64_t arrived = worker.transport().Progress({other, 0}).position;
    ASSERT_TRUE(worker.PollUntil([&] { return worker.transport().Progress({other, 0}).position > arrived; }));
    const int64_t position = worker.transport().Progress({in_, 0}).position;
    Fill(other, 0, 1);
    ASSERT_TRUE(worker.PollUntil([&] { return worker.transport().Progress({other, 0}).position > arrived + 1; }));
    EXPECT_EQ(worker.transport().Progress({in_, 0}).position, position);
    ASSERT_THAT(worker.transport().Resume({in_, 0}), IsOk());
    ASSERT_TRUE(worker.PollUntil([&] {
      return worker.transport().Progress({in_, 0}).position > std::min<int64_t>(position, 9'999);
    }));
  }
  ASSERT_TRUE(worker.PollUntil([&] { return worker.transport().Progress({in_, 0}).position == 10'000; }));
  int64_t expected = 0;
  for (const auto& record : worker.read()) {
    if (record.topic == in_) {
      ASSERT_EQ(record.offset, expected++);
    }
  }
  EXPECT_EQ(expected, 10'000);
}

TEST_F(KafkaTransportTest, KnowsTheEndOfASourceBeforeItHasReadAny) {
  Fill(in_, 0, 100);
  const auto worker = std::make_unique<KafkaTestWorker>(*log_, Options({in_}));
  ASSERT_THAT(worker->Start(), IsOk());
  ASSERT_TRUE(worker->PollUntilOwned(1));
  const SourceProgress progress = worker->transport().Progress({in_, 0});
  EXPECT_EQ(progress.known_end, 100);
  ASSERT_TRUE(worker->PollUntil([&] { return worker->transport().Progress({in_, 0}).caught_up(); }));
  EXPECT_EQ(worker->transport().Progress({in_, 0}).position, 100);
}

TEST_F(KafkaTransportTest, CatchesUpWithAnEndThatIsAControlRecord) {
  const auto worker = Owner();
  ASSERT_THAT(worker->transport().Produce(Record(out_, "a")), IsOk());
  ASSERT_THAT(Commit(worker->transport(), 0), IsOk());
  ASSERT_THAT(ReadAll(out_, 0), ElementsAre("a"));
  TransportOptions options = Options({out_}, 1);
  options.group = Name("downstream");
  KafkaTestWorker downstream(*log_, options);
  ASSERT_THAT(downstream.Start(), IsOk());
  ASSERT_TRUE(downstream.PollUntilOwned(1));
  EXPECT_EQ(downstream.transport().Progress({out_, 0}).known_end, 2);
  EXPECT_TRUE(downstream.PollUntil([&] { return downstream.transport().Progress({out_, 0}).caught_up(); }));
  EXPECT_EQ(downstream.read().size(), 1U);
}

TEST_F(KafkaTransportTest, RefusesAPositionPastTheEndOfItsTopic) {
  Fill(in_, 0, 3);
  KafkaTestWorker worker = MakeWorker({in_});
  worker.starts()[0] = At(in_, 3);
  ASSERT_THAT(worker.Start(), IsOk());
  ASSERT_TRUE(worker.PollUntilOwned(1));
  EXPECT_THAT(worker.transport().StartPartition(0, At(in_, 4)), HasCode(Code::kTopicMismatch));
}

TEST_F(KafkaTransportTest, ProducesToNoTopicThatDoesNotExist) {
  const auto worker = Owner();
  EXPECT_THAT(worker->transport().Produce(Record(Name("none"), "a")), HasCode(Code::kNotFound));
}

TEST_F(KafkaTransportTest, CommitsWhatItHasWhenItsPartitionsAreRevokedAtTheStop) {
  Fill(in_, 0, 4);
  const auto worker = Owner();
  ASSERT_TRUE(worker->PollUntilRead(4));
  ASSERT_THAT(worker->transport().Produce(Record(out_, "a")), IsOk());
  worker->on_revoked = [&] { EXPECT_THAT(Commit(worker->transport(), 4), IsOk()); };
  const auto begin = steady_clock::now();
  ASSERT_THAT(worker->transport().Stop(false), IsOk());
  EXPECT_LT(steady_clock::now() - begin, seconds(5));
  EXPECT_EQ(worker->revocations(), 1U);
  EXPECT_EQ(Committed(), 4);
  EXPECT_THAT(ReadAll(out_, 0), ElementsAre("a"));
  EXPECT_THAT(worker->transport().Stop(false), IsOk());
  EXPECT_EQ(worker->revocations(), 1U);
}

TEST_F(KafkaTransportTest, KeepingTheMembershipRevokesOnceAndIsTakenUpAgain) {
  auto worker = Owner();
  ASSERT_THAT(worker->transport().Stop(true), IsOk());
  EXPECT_EQ(worker->revocations(), 1U);
  EXPECT_THAT(Owner()->owned(), ElementsAre(0));
}

TEST_F(KafkaTransportTest, AWorkerThatStopsHandsItsPartitionsOver) {
  const std::string shared = MakeTopic("shared", 4);
  KafkaTestWorker first = MakeWorker({shared}, 0);
  KafkaTestWorker second = MakeWorker({shared}, 1);
  ASSERT_THAT(first.Start(), IsOk());
  ASSERT_TRUE(first.PollUntilOwned(4));
  ASSERT_THAT(second.Start(), IsOk());
  ASSERT_TRUE(first.PollUntil([&] {
    EXPECT_THAT(second.transport().Poll(milliseconds(5), &second.read()), IsOk());
    return first.owned().size() == 2 && second.owned().size() == 2;
  }));
  ASSERT_THAT(first.transport().Stop(false), IsOk());
  const auto begin = steady_clock::now();
  ASSERT_TRUE(second.PollUntilOwned(4));
  // It takes 0.1 s on an idle machine; without the leave request it would be the session, 10 s.
  EXPECT_LT(steady_clock::now() - begin, seconds(3));
}

TEST_F(KafkaTransportTest, TheMembersOfAGroupOwnTheSameNumbersOfAllTopics) {
  const std::string a = MakeTopic("a", 4);
  const std::string b = MakeTopic("b", 4);
  for (int32_t partition = 0; partition < 4; ++partition) {
    Fill(a, partition, 1);
    Fill(b, partition, 1);
  }
  KafkaTestWorker first = MakeWorker({a, b}, 0);
  KafkaTestWorker second = MakeWorker({a, b}, 1);
  ASSERT_THAT(first.Start(), IsOk());
  ASSERT_THAT(second.Start(), IsOk());
  ASSERT_TRUE(first.PollUntil([&] {
    EXPECT_THAT(second.transport().Poll(milliseconds(5), &second.read()), IsOk());
    return first.owned().size() == 2 && second.owned().size() == 2 && second.read().size() >= 4;
  }));
  for (const auto* worker : {&first, &second}) {
    for (const int32_t partition : worker->owned()) {
      for (const auto& topic : {a, b})
        EXPECT_EQ(const_cast<KafkaTestWorker*>(worker)->transport().Progress({topic, partition}).known_end, 1);
    }
  }
}

TEST_F(KafkaTransportTest, WorksWithTheConsumerGroupProtocol) {
  KafkaOptions options;
  options.bootstrap = TestBroker();
  options.group_protocol = "consumer";
  auto log = OpenKafkaLog(database_.get(), clock_, options);
  ASSERT_THAT(log, IsOk());
  Fill(in_, 0, 4);
  KafkaTestWorker worker(**log, Options({in_}));
  ASSERT_THAT(worker.Start(), IsOk());
  ASSERT_TRUE(worker.PollUntilRead(4));
  ASSERT_THAT(worker.transport().Produce(Record(out_, "a")), IsOk());
  ASSERT_THAT(Commit(worker.transport(), 4), IsOk());
  EXPECT_EQ(Committed(), 4);
  ASSERT_THAT(worker.transport().Stop(false), IsOk());
  EXPECT_EQ(worker.revocations(), 1U);
  EXPECT_THAT(ReadAll(out_, 0), ElementsAre("a"));
}

}  // namespace
}  // namespace catwalk::streams
