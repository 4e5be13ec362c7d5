#include "streams/standby.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/memory_database.h"
#include "state/partition_key.h"
#include "streams/changelog.h"
#include "streams/checkpoint.h"
#include "streams/embedded_log.h"
#include "streams/standby_share.h"
#include "tests/operators/user_events.h"
#include "tests/streams/forwarding_log.h"
#include "tests/testing/manual_clock.h"
#include "tests/testing/matchers.h"

namespace catwalk::streams {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::IsOk;

constexpr int64_t kHourMs = 3'600'000;
constexpr int kWorker = 0;

/// An embedded log whose groups have members, and transactions, as the test says.
class PeopledLog final : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;

  std::vector<Member> members;
  std::string open_in;   // the topic that a transaction is open in; empty: none
  std::vector<std::string> fenced;

  Result<std::vector<Member>> Members(const std::string&, const std::string&) override { return members; }
  Status FenceIdentities(const std::string&, const std::string& instance, int count) override {
    fenced.push_back(instance + " with " + std::to_string(count));
    return Status::Ok();
  }
  Result<Offsets> EndOffsets(const std::vector<std::string>& topics, Isolation isolation) override {
    auto ends = ForwardingLog::EndOffsets(topics, isolation);
    if (isolation == Isolation::kReadCommitted || !ends.ok()) return ends;
    for (auto& [partition, end] : *ends) end += partition.topic == open_in ? 1 : 0;
    return ends;
  }

  bool needs_changelog() const override { return true; }
};

/// This process has task 0 of two, and another one task 1; the user sub-topology.
class StandbyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto log = OpenEmbeddedLog(*log_database_, clock_, {.cleanup_interval_ms = 0});
    ASSERT_THAT(log, IsOk());
    embedded_ = std::move(log).value();
    const auto& spec = schemas::SpecOf(schemas::Topic::kUsersChangelog);
    ASSERT_THAT(embedded_->CreateTopic(changelog_, spec, 2), IsOk());
    for (const auto sink : sub_.sinks) ASSERT_THAT(embedded_->CreateTopic(topology_.names().Of(sink), schemas::SpecOf(sink), 2), IsOk());
    writer_ = std::move(embedded_->OpenWriter()).value();
    log_.emplace(*embedded_);
    log_->members = {{"test-users-here-0", "here", "", {0}}, {"test-users-there-0", "there", "", {1}}};
    checkpoints_ = *database_->OpenStore(kCheckpointStore);
    stores_ = *OpenStores(sub_, *database_);
    standby_.emplace(Environment(), 1);
  }

  WorkerEnvironment Environment() {
    std::map<std::string, TopicState> topics;
    for (const auto& topic : topology_.SourceNames(sub_)) topics[topic] = {.partitions = 2};
    return {.topology = topology_, .sub = sub_, .topics = topics, .log = *log_, .database = *database_, .clock = clock_,
            .metrics = metrics_, .leases = leases_, .tables = {}, .stores = stores_, .checkpoint_store = checkpoints_,
            .instance = "here", .address = ""};
  }

  void Append(int32_t partition, std::string key, std::optional<std::string> value) {
    schemas::OutgoingRecord record;
    record.topic = changelog_;
    record.partition = partition;
    record.key = std::move(key);
    record.tombstone = !value;
    record.value = value.value_or("");
    ASSERT_THAT(writer_->Append({record}), IsOk());
  }
  void Log(const std::string& user, std::optional<std::string> value, int32_t partition = 1) {
    Append(partition, ChangelogKey("users", user), std::move(value));
  }

  void Step() { EXPECT_THAT(standby_->Step(), IsOk()); }
  void StepLater(int64_t ms) {
    clock_.Advance(ms);
    Step();
  }

  std::optional<std::string> Stored(const std::string& user, int32_t partition = 1) const {
    std::string value;
    const auto found = database_->Store(stores_.at("users")).Get(state::PartitionKey(partition, user), &value);
    EXPECT_THAT(found, IsOk());
    return found.ok() && *found ? std::optional(value) : std::nullopt;
  }
  std::optional<schemas::Checkpoint> Row(int32_t partition = 1) const {
    const auto row = ReadCheckpoint(database_->Store(checkpoints_), "test-users", partition);
    EXPECT_THAT(row, IsOk());
    return *row;
  }
  /// What a worker of this process, or an earlier life, leaves.
  void PutRow(int64_t changelog_offset, int64_t committed_at_ms, const std::string& user, const std::string& value) {
    state::WriteBatch batch;
    schemas::Checkpoint checkpoint;
    checkpoint.set_changelog_offset(changelog_offset);
    checkpoint.set_committed_at_ms(committed_at_ms);
    PutCheckpoint(checkpoints_, "test-users", 1, checkpoint, &batch);
    batch.Put(stores_.at("users"), state::PartitionKey(1, user), value);
    ASSERT_THAT(database_->Write(batch), IsOk());
  }

  tests::ManualClock clock_;
  const Topology topology_ = operators::SmallTopology();
  const SubTopology& sub_ = topology_.sub_topologies().front();
  const std::string changelog_ = topology_.names().Of(schemas::Topic::kUsersChangelog);
  prometheus::Registry registry_;
  WorkerMetrics metrics_{registry_, "users"};
  LeaseTable leases_;
  std::unique_ptr<state::Database> database_ = state::MakeMemoryDatabase();
  std::unique_ptr<state::Database> log_database_ = state::MakeMemoryDatabase();
  uint32_t checkpoints_ = 0;
  std::map<std::string, uint32_t> stores_;
  std::unique_ptr<streams::Log> embedded_;
  std::unique_ptr<LogWriter> writer_;
  std::optional<PeopledLog> log_;
  std::optional<Standby> standby_;
};

TEST_F(StandbyTest, KeepsUpWithTheTasksOfAnotherProcess) {
  Log("ann", "red");
  Log("bob", "blue", 0);
  schemas::Checkpoint stood;
  stood.set_stream_time_ms(7);
  Append(1, ChangelogKey(kNoStore, {}), stood.SerializeAsString());
  Step();
  EXPECT_EQ(Stored("ann"), "red");
  EXPECT_EQ(Stored("bob", 0), std::nullopt) << "its own task is its worker's";
  EXPECT_EQ(Row()->changelog_offset(), 2);
  EXPECT_EQ(Row()->stream_time_ms(), 7);
  EXPECT_EQ(Row()->committed_at_ms(), clock_.NowMs());
  EXPECT_EQ(metrics_.standby_tasks.Value(), 1);
  EXPECT_EQ(metrics_.standby_lag_records.Value(), 0);

  Log("ann", std::nullopt);
  Step();
  EXPECT_EQ(Stored("ann"), std::nullopt);
  EXPECT_EQ(Row()->changelog_offset(), 3);
  EXPECT_FALSE(leases_.IsHeld(1));
}

TEST_F(StandbyTest, KeepsNothingWhileItIsAloneOrNoMember) {
  log_->members = {{"test-users-here-0", "here", "", {0, 1}}};
  Log("ann", "red");
  Step();
  EXPECT_EQ(Row(), std::nullopt);
  log_->members = {{"test-users-there-0", "there", "", {0, 1}}};
  StepLater(3'000);
  EXPECT_EQ(Row(), std::nullopt);
}

TEST_F(StandbyTest, KeepsWhatItHasWhilePartitionsAreDealtOutAnew) {
  Step();
  for (auto& member : log_->members) member.partitions.clear();
  Log("ann", "red");
  StepLater(3'000);
  EXPECT_EQ(Stored("ann"), "red");
}

TEST_F(StandbyTest, LetsGoOfATaskThatComesHere) {
  Step();
  ASSERT_TRUE(leases_.TryAcquire(1, kWorker));
  Log("ann", "red");
  Step();
  EXPECT_EQ(Stored("ann"), std::nullopt);
  EXPECT_EQ(metrics_.standby_tasks.Value(), 0);
  StepLater(3'000);
  EXPECT_EQ(metrics_.standby_tasks.Value(), 0) << "what the group says is older";
}

TEST_F(StandbyTest, NeverWritesOverWhatAWorkerHasDone) {
  Log("ann", "red");
  Step();
  Log("ann", "blue");
  Log("ann", "green");
  ASSERT_TRUE(leases_.TryAcquire(1, kWorker));
  PutRow(3, clock_.NowMs(), "ann", "of a worker");
  leases_.Release(1, kWorker);
  Step();
  EXPECT_EQ(Stored("ann"), "of a worker");
  EXPECT_EQ(Row()->changelog_offset(), 3);
  Log("ann", "yellow");
  StepLater(3'000);
  EXPECT_EQ(Stored("ann"), "yellow") << "and goes on from there";
}

TEST_F(StandbyTest, GoesOnFromTheCopyThatIsThere) {
  Log("ann", "red");
  Log("bob", "blue");
  PutRow(1, clock_.NowMs() - 11 * kHourMs, "ann", "as it was left");
  Step();
  EXPECT_EQ(Stored("ann"), "as it was left");
  EXPECT_EQ(Stored("bob"), "blue");
}

TEST_F(StandbyTest, StartsOverWhereTheCopyIsTooOld) {
  Log("ann", "red");
  Log("bob", "blue");
  PutRow(1, clock_.NowMs() - 13 * kHourMs, "cleo", "long deleted");
  Step();
  EXPECT_EQ(Stored("cleo"), std::nullopt);
  EXPECT_EQ(Stored("ann"), "red");
  EXPECT_EQ(Stored("bob"), "blue");
}

TEST_F(StandbyTest, OfAnIdleTaskStaysOfUse) {
  Log("ann", "red");
  for (int hour = 0; hour < 30; ++hour) StepLater(kHourMs);
  const LocalCopies copies{*database_, "test-users", checkpoints_, stores_};
  EXPECT_THAT(DropUselessCopies(copies, leases_, clock_.NowMs()), tests::IsOkAndHolds(0));
  EXPECT_EQ(Stored("ann"), "red");
}

TEST_F(StandbyTest, EndsWhatAProcessThatIsGoneHasLeftOpenInAnyTopic) {
  log_->members.push_back({"test-users-there-1", "there", "", {}});
  Step();
  log_->members = {{"test-users-here-0", "here", "", {0, 1}}};
  log_->open_in = topology_.names().Of(sub_.sinks.front());
  ASSERT_TRUE(leases_.TryAcquire(1, kWorker));
  Step();
  EXPECT_THAT(log_->fenced, ElementsAre("there with 2"));
  StepLater(3'000);
  EXPECT_THAT(log_->fenced, ElementsAre("there with 2")) << "once";
}

TEST_F(StandbyTest, LeavesAProcessAloneThatIsStillThereOrHasNothingOpen) {
  Step();
  log_->open_in = changelog_;
  ASSERT_TRUE(leases_.TryAcquire(1, kWorker));
  Step();
  EXPECT_THAT(log_->fenced, IsEmpty()) << "the task went from one process to the other, and both are there";

  leases_.Release(1, kWorker);
  log_->open_in.clear();
  StepLater(3'000);
  log_->members = {{"test-users-here-0", "here", "", {0, 1}}};
  ASSERT_TRUE(leases_.TryAcquire(1, kWorker));
  Step();
  EXPECT_THAT(log_->fenced, IsEmpty());
}

/// Processes "a", "b", … with `workers` each, without partitions.
std::vector<Member> Processes(int count, int workers) {
  std::vector<Member> members;
  for (int i = 0; i < count * workers; ++i) {
    const std::string instance(1, static_cast<char>('a' + i / workers));
    members.push_back({"g-" + instance + "-" + std::to_string(i % workers), instance, "", {}});
  }
  return members;
}

std::map<int32_t, int> CopiesByTask(int processes, int workers, int32_t partitions, int deaths) {
  std::vector<Member> members = Processes(processes, workers);
  const size_t count = members.size(), tasks = static_cast<size_t>(partitions);
  for (size_t i = 0, next = 0; i < count; ++i) {
    for (const size_t end = next + tasks / count + (i < tasks % count ? 1 : 0); next < end; ++next)
      members[i].partitions.push_back(static_cast<int32_t>(next));
  }
  std::map<int32_t, int> copies;
  for (int i = 0; i < processes; ++i) {
    const std::string instance(1, static_cast<char>('a' + i));
    for (const int32_t partition : StandbyShare(members, partitions, instance, deaths)) ++copies[partition];
  }
  return copies;
}

TEST(StandbyShare, HasAsManyCopiesOfEachTaskAsDeathsToBePreparedFor) {
  for (const int deaths : {0, 1, 2}) {
    for (const int processes : {3, 4, 5, 6}) {
      for (const int workers : {1, 2, 3}) {
        for (int32_t partitions = 1; partitions < 25; ++partitions) {
          const auto copies = CopiesByTask(processes, workers, partitions, deaths);
          for (int32_t task = 0; task < partitions; ++task)
            ASSERT_EQ(copies.contains(task) ? copies.at(task) : 0, deaths)
                << "task " << task << " of " << partitions << ", " << processes << " processes with " << workers;
        }
      }
    }
  }
}

TEST(StandbyShare, IsWhatComesToANeighbourWhoeverDies) {
  std::vector<Member> members = Processes(3, 1);
  members[0].partitions = {0, 1, 2, 3};
  members[1].partitions = {4, 5, 6, 7};
  members[2].partitions = {8, 9, 10, 11};
  EXPECT_THAT(StandbyShare(members, 12, "a", 1), ElementsAre(4, 5));
  EXPECT_THAT(StandbyShare(members, 12, "b", 1), ElementsAre(0, 1, 2, 3, 8, 9, 10, 11));
  EXPECT_THAT(StandbyShare(members, 12, "c", 1), ElementsAre(6, 7));
  EXPECT_THAT(StandbyShare(members, 12, "d", 1), IsEmpty()) << "no member";
  EXPECT_THAT(StandbyShare({}, 12, "a", 1), IsEmpty());
}

}  // namespace
}  // namespace catwalk::streams
