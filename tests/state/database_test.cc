#include "state/database.h"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/partition_key.h"
#include "tests/state/database_kind.h"

namespace catwalk::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Rows = std::vector<std::pair<std::string, std::string>>;

class DatabaseContract : public testing::TestWithParam<DatabaseKind> {
 protected:
  uint32_t Open(std::string_view name) { return database_->OpenStore(name).value(); }

  Rows Scan(uint32_t store, std::string_view begin = {}, std::string_view end = {}) const {
    Rows rows;
    const Status status = database_->Store(store).Scan(begin, end, [&](std::string_view key, std::string_view value) {
      rows.emplace_back(key, value);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    return rows;
  }

  std::string Last(uint32_t store, std::string_view begin, std::string_view end) const {
    std::string key;
    std::string value;
    const bool found = database_->Store(store).Last(begin, end, &key, &value).value();
    return found ? key + "=" + value : "none";
  }

  void Put(uint32_t store, const std::vector<std::string>& keys) {
    WriteBatch batch;
    for (const auto& key : keys) batch.Put(store, key, "v" + key);
    ASSERT_TRUE(database_->Write(batch).ok());
  }

  tests::TempDir folder_;
  std::unique_ptr<Database> database_ = MakeDatabase(GetParam(), folder_);
};

INSTANTIATE_TEST_SUITE_P(Databases, DatabaseContract, testing::Values(DatabaseKind::kRocksDb, DatabaseKind::kMemory),
                         KindName);

TEST_P(DatabaseContract, ReadsBackWhatWasPut) {
  const uint32_t store = Open("users");
  WriteBatch batch;
  batch.Put(store, "a", "1");
  batch.Put(store, std::string_view("b\0c", 3), std::string_view("\0\xff", 2));
  batch.Put(store, "empty", "");
  ASSERT_TRUE(database_->Write(batch).ok());
  std::string value = "before";
  EXPECT_TRUE(database_->Store(store).Get("a", &value).value());
  EXPECT_EQ(value, "1");
  EXPECT_TRUE(database_->Store(store).Get(std::string_view("b\0c", 3), &value).value());
  EXPECT_EQ(value, std::string_view("\0\xff", 2));
  EXPECT_TRUE(database_->Store(store).Get("empty", &value).value());
  EXPECT_EQ(value, "");
}

TEST_P(DatabaseContract, MissesWithoutAnError) {
  const uint32_t store = Open("users");
  std::string value;
  EXPECT_FALSE(database_->Store(store).Get("absent", &value).value());
}

TEST_P(DatabaseContract, AppliesABatchInTheOrderGiven) {
  const uint32_t store = Open("users");
  WriteBatch batch;
  batch.Put(store, "a", "1");
  batch.Put(store, "a", "2");
  batch.Put(store, "b", "1");
  batch.Delete(store, "b");
  batch.Put(store, "c", "1");
  batch.DeleteRange(store, "c", "d");
  batch.Put(store, "c", "again");
  batch.Delete(store, "never there");
  ASSERT_TRUE(database_->Write(batch).ok());
  EXPECT_THAT(Scan(store), ElementsAre(Pair("a", "2"), Pair("c", "again")));
}

TEST_P(DatabaseContract, AppliesNothingOfABatchThatNamesAnUnknownStore) {
  const uint32_t store = Open("users");
  WriteBatch batch;
  batch.Put(store, "a", "1");
  batch.Put(store + 1, "a", "1");
  EXPECT_EQ(database_->Write(batch).code(), Code::kInvalidArgument);
  EXPECT_THAT(Scan(store), IsEmpty());
}

TEST_P(DatabaseContract, DeletesARangeUpToItsEndOnly) {
  const uint32_t store = Open("users");
  Put(store, {"a", "b", "b1", "c"});
  WriteBatch batch;
  batch.DeleteRange(store, "b", "c");
  ASSERT_TRUE(database_->Write(batch).ok());
  EXPECT_THAT(Scan(store), ElementsAre(Pair("a", "va"), Pair("c", "vc")));
}

TEST_P(DatabaseContract, DeletesNothingInAnEmptyRange) {
  const uint32_t store = Open("users");
  Put(store, {"a", "b"});
  WriteBatch batch;
  batch.DeleteRange(store, "b", "a");
  batch.DeleteRange(store, "a", "a");
  batch.DeleteRange(store, "a", "");
  ASSERT_TRUE(database_->Write(batch).ok());
  EXPECT_EQ(Scan(store).size(), 2U);
}

TEST_P(DatabaseContract, ScansARangeInByteOrder) {
  const uint32_t store = Open("users");
  Put(store, {"b", "\xff", "a", "ab"});
  EXPECT_THAT(Scan(store), ElementsAre(Pair("a", "va"), Pair("ab", "vab"), Pair("b", "vb"), Pair("\xff", "v\xff")));
  EXPECT_THAT(Scan(store, "ab", "b"), ElementsAre(Pair("ab", "vab")));
  EXPECT_THAT(Scan(store, "b", {}), ElementsAre(Pair("b", "vb"), Pair("\xff", "v\xff")));
  EXPECT_THAT(Scan(store, "b", "a"), IsEmpty());
}

TEST_P(DatabaseContract, StopsAScanWhenTheVisitorSaysSo) {
  const uint32_t store = Open("users");
  Put(store, {"a", "b", "c"});
  int visited = 0;
  ASSERT_TRUE(database_->Store(store).Scan({}, {}, [&](auto, auto) { return ++visited < 2; }).ok());
  EXPECT_EQ(visited, 2);
}

TEST_P(DatabaseContract, ScansASnapshotWhileTheVisitorWrites) {
  const uint32_t store = Open("users");
  Put(store, {"a", "b", "c"});
  Rows seen;
  const Status status = database_->Store(store).Scan({}, {}, [&](std::string_view key, std::string_view value) {
    WriteBatch batch;
    batch.DeleteRange(store, "b", "d");
    batch.Put(store, "bb", "new");
    EXPECT_TRUE(database_->Write(batch).ok());
    seen.emplace_back(key, value);
    return true;
  });
  ASSERT_TRUE(status.ok());
  EXPECT_THAT(seen, ElementsAre(Pair("a", "va"), Pair("b", "vb"), Pair("c", "vc")));
  EXPECT_THAT(Scan(store), ElementsAre(Pair("a", "va"), Pair("bb", "new")));
}

TEST_P(DatabaseContract, FindsTheLastKeyOfARange) {
  const uint32_t store = Open("users");
  EXPECT_EQ(Last(store, {}, {}), "none");
  Put(store, {"a", "b", "d"});
  EXPECT_EQ(Last(store, {}, {}), "d=vd");
  EXPECT_EQ(Last(store, "a", "d"), "b=vb");
  EXPECT_EQ(Last(store, "b", "c"), "b=vb");
  EXPECT_EQ(Last(store, "c", "d"), "none");
  EXPECT_EQ(Last(store, "e", {}), "none");
  EXPECT_EQ(Last(store, "d", "a"), "none");
}

TEST_P(DatabaseContract, KeepsStoresApart) {
  const uint32_t users = Open("users");
  const uint32_t designs = Open("designs");
  EXPECT_NE(users, designs);
  EXPECT_EQ(Open("users"), users);
  WriteBatch batch;
  batch.Put(users, "k", "user");
  batch.Put(designs, "k", "design");
  ASSERT_TRUE(database_->Write(batch).ok());
  batch.Clear();
  batch.DeleteRange(users, "a", "z");
  ASSERT_TRUE(database_->Write(batch).ok());
  EXPECT_THAT(Scan(users), IsEmpty());
  EXPECT_THAT(Scan(designs), ElementsAre(Pair("k", "design")));
}

TEST_P(DatabaseContract, RefusesBadNamesOfStores) {
  for (const char* name : {"", "Users", "a b", "a/b", "default", "ü"}) {
    EXPECT_EQ(database_->OpenStore(name).status().code(), Code::kInvalidArgument) << name;
  }
  EXPECT_TRUE(database_->OpenStore("user-designs-2").ok());
}

TEST_P(DatabaseContract, AcceptsAnEmptyBatch) {
  EXPECT_TRUE(database_->Write(WriteBatch()).ok());
  EXPECT_TRUE(database_->Write(WriteBatch(), true).ok());
}

TEST_P(DatabaseContract, GivesUpOnePartitionByItsRange) {
  const uint32_t store = Open("users");
  WriteBatch batch;
  for (const int32_t partition : {0, 1, 2}) batch.Put(store, PartitionKey(partition, "\xff"), "v");
  ASSERT_TRUE(database_->Write(batch).ok());
  batch.Clear();
  const KeyRange range = PartitionRange(1);
  batch.DeleteRange(store, range.begin, range.end);
  ASSERT_TRUE(database_->Write(batch).ok());
  EXPECT_THAT(Scan(store), ElementsAre(Pair(PartitionKey(0, "\xff"), "v"), Pair(PartitionKey(2, "\xff"), "v")));
}

// Every write sets both keys to the same number; whoever reads one snapshot sees them equal.
TEST_P(DatabaseContract, ShowsReadersWholeBatchesWhileOneWrites) {
  const uint32_t store = Open("users");
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      std::string earlier;
      do {
        const Rows rows = Scan(store);
        if (rows.size() == 1 || (rows.size() == 2 && rows[0].second != rows[1].second)) ++torn;
        std::string value;
        if (!database_->Store(store).Get("a", &value).ok() || value < earlier) ++torn;
        earlier = value;
      } while (!done);
    });
  }
  for (int i = 100'000; i < 102'000; ++i) {
    WriteBatch batch;
    batch.Put(store, "a", std::to_string(i));
    batch.Put(store, "b", std::to_string(i));
    ASSERT_TRUE(database_->Write(batch).ok());
  }
  done = true;
  readers.clear();
  EXPECT_EQ(torn, 0);
  EXPECT_THAT(Scan(store), ElementsAre(Pair("a", "101999"), Pair("b", "101999")));
}

TEST_P(DatabaseContract, OpensStoresWhileOthersWrite) {
  const uint32_t store = Open("users");
  std::jthread writer([&] {
    for (int i = 0; i < 500; ++i) Put(store, {std::to_string(i)});
  });
  for (int i = 0; i < 20; ++i) Put(Open("store-" + std::to_string(i)), {"k"});
  writer.join();
  EXPECT_EQ(Scan(store).size(), 500U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Scan(Open("store-" + std::to_string(i))).size(), 1U);
}

}  // namespace
}  // namespace catwalk::state
