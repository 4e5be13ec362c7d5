#include "streams/local_copy.h"

#include <gtest/gtest.h>

#include <memory>

#include "state/memory_database.h"
#include "state/partition_key.h"
#include "streams/checkpoint.h"

namespace catwalk::streams {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kHour = 3'600'000;

/// Copies of the tasks of two groups that share a database.
class LocalCopyTest : public testing::Test {
 protected:
  LocalCopyTest() {
    checkpoints_ = Opened(kCheckpointStore);
    users_ = Opened("users-state");
    others_ = Opened("designs-state");
  }

  uint32_t Opened(std::string_view name) {
    const auto store = database_->OpenStore(name);
    EXPECT_TRUE(store.ok());
    return *store;
  }
  LocalCopies Users() { return {*database_, "app-users", checkpoints_, {{"state", users_}}}; }

  void PutCopy(const std::string& group, uint32_t store, int32_t partition, int64_t committed_at_ms) {
    state::WriteBatch batch;
    schemas::Checkpoint checkpoint;
    checkpoint.set_committed_at_ms(committed_at_ms);
    PutCheckpoint(checkpoints_, group, partition, checkpoint, &batch);
    batch.Put(store, state::PartitionKey(partition, "somebody"), "of taste");
    EXPECT_TRUE(database_->Write(batch).ok());
  }

  /// State and checkpoint; one without the other is a mistake.
  bool Has(const std::string& group, uint32_t store, int32_t partition) {
    std::string value;
    const auto state = database_->Store(store).Get(state::PartitionKey(partition, "somebody"), &value);
    const auto checkpoint = ReadCheckpoint(database_->Store(checkpoints_), group, partition);
    EXPECT_TRUE(state.ok() && checkpoint.ok());
    EXPECT_EQ(*state, checkpoint->has_value());
    return *state;
  }

  int Drop() {
    const auto dropped = DropUselessCopies(Users(), leases_, kNow);
    EXPECT_TRUE(dropped.ok());
    return dropped.ok() ? *dropped : -1;
  }

  std::unique_ptr<state::Database> database_ = state::MakeMemoryDatabase();
  uint32_t checkpoints_ = 0, users_ = 0, others_ = 0;
  LeaseTable leases_;
};

TEST_F(LocalCopyTest, OfATaskGivenUpLongAgoIsDeletedWhileOneThatMayReturnIsKept) {
  PutCopy("app-users", users_, 0, kNow - 13 * kHour);
  PutCopy("app-users", users_, 1, kNow - 11 * kHour);
  PutCopy("app-designs", others_, 0, kNow - 13 * kHour);
  EXPECT_EQ(Drop(), 1);
  EXPECT_FALSE(Has("app-users", users_, 0));
  EXPECT_TRUE(Has("app-users", users_, 1));
  EXPECT_TRUE(Has("app-designs", others_, 0)) << "of another group";
  EXPECT_EQ(Drop(), 0);
}

TEST_F(LocalCopyTest, OfATaskThatSomeWorkerHasIsKeptHoweverLongItWasIdle) {
  PutCopy("app-users", users_, 3, kNow - 100 * kHour);
  ASSERT_TRUE(leases_.TryAcquire(3, 1));
  EXPECT_EQ(Drop(), 0);
  EXPECT_TRUE(Has("app-users", users_, 3));
  leases_.Release(3, 1);
  EXPECT_EQ(Drop(), 1);
  EXPECT_TRUE(leases_.TryAcquire(3, 0)) << "the lease is free again";
}

}  // namespace
}  // namespace catwalk::streams
