#include "state/table.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/state/database_kind.h"
#include "tests/state/note_serde.h"

namespace catwalk::state {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;

class TableContract : public testing::TestWithParam<DatabaseKind> {
 protected:
  Table<Note> MakeTable(int32_t partition = 0, Table<Note>::Options options = {}) {
    return {"notes", *database_, store_, partition, std::make_unique<NoteSerde>(&calls_), options};
  }

  static void Set(Table<Note>& table, std::string_view key, int number) {
    table.GetOrCreate(key).value()->number = number;
    table.MarkDirty(key);
  }
  static std::optional<int> Read(Table<Note>& table, std::string_view key) {
    const Note* note = table.Get(key).value();
    return note == nullptr ? std::nullopt : std::optional(note->number);
  }
  static Changes Flush(Table<Note>& table, WriteBatch* batch) {
    Changes changes;
    table.Flush(batch, [&](std::string_view key, const std::string* value) {
      changes.emplace_back(key, value == nullptr ? std::nullopt : std::optional(*value));
    });
    return changes;
  }
  Changes Commit(Table<Note>& table) {
    WriteBatch batch;
    Changes changes = Flush(table, &batch);
    EXPECT_TRUE(database_->Write(batch).ok());
    table.Committed();
    return changes;
  }
  std::string Stored(int32_t partition, std::string_view key) const {
    std::string value;
    return database_->Store(store_).Get(PartitionKey(partition, key), &value).value() ? value : "none";
  }
  static std::vector<std::pair<std::string, int>> ScanAll(Table<Note>& table) {
    std::vector<std::pair<std::string, int>> seen;
    EXPECT_TRUE(table.Scan([&](std::string_view key, const Note& note) {
                       seen.emplace_back(key, note.number);
                       return true;
                     }).ok());
    return seen;
  }

  NoteSerde::Calls calls_;
  tests::TempDir folder_;
  std::unique_ptr<Database> database_ = MakeDatabase(GetParam(), folder_);
  uint32_t store_ = database_->OpenStore("notes").value();
};

INSTANTIATE_TEST_SUITE_P(Databases, TableContract, testing::Values(DatabaseKind::kRocksDb, DatabaseKind::kMemory),
                         KindName);

TEST_P(TableContract, HasNothingAtFirst) {
  auto table = MakeTable();
  EXPECT_EQ(table.Get("a").value(), nullptr);
  EXPECT_THAT(ScanAll(table), IsEmpty());
  EXPECT_EQ(table.dirty_bytes(), 0U);
}

TEST_P(TableContract, StoresNothingBeforeTheCommit) {
  auto table = MakeTable();
  Set(table, "a", 1);
  EXPECT_EQ(Read(table, "a"), 1);
  EXPECT_EQ(Stored(0, "a"), "none");
  EXPECT_THAT(Commit(table), ElementsAre(Pair("a", Optional(std::string("1:")))));
  EXPECT_EQ(Stored(0, "a"), "1:");
  EXPECT_EQ(Read(table, "a"), 1);
}

TEST_P(TableContract, StoresWhatGetOrCreateMadeWithoutMarkDirty) {
  auto table = MakeTable();
  ASSERT_TRUE(table.GetOrCreate("a").ok());
  Commit(table);
  EXPECT_EQ(Stored(0, "a"), "0:");
}

TEST_P(TableContract, StoresNothingOfWhatIsOnlyRead) {
  auto table = MakeTable();
  Set(table, "a", 1);
  Commit(table);
  ASSERT_TRUE(table.Get("a").ok());
  ASSERT_TRUE(table.GetOrCreate("a").ok());
  EXPECT_THAT(Commit(table), IsEmpty());
}

TEST_P(TableContract, WritesAValueOnceHoweverOftenItChanged) {
  auto table = MakeTable();
  for (int i = 1; i <= 10; ++i) Set(table, "hot", i);
  WriteBatch batch;
  EXPECT_THAT(Flush(table, &batch), ElementsAre(Pair("hot", Optional(std::string("10:")))));
  EXPECT_EQ(batch.count(), 1U);
  EXPECT_EQ(calls_.encoded, 1);
}

TEST_P(TableContract, FlushesInTheOrderOfKeys) {
  auto table = MakeTable();
  for (const char* key : {"c", "a", "b", "c"}) Set(table, key, 1);
  WriteBatch batch;
  EXPECT_THAT(Flush(table, &batch), ElementsAre(Pair("a", testing::_), Pair("b", testing::_), Pair("c", testing::_)));
}

TEST_P(TableContract, GivesNothingTwiceWhenFlushedTwice) {
  auto table = MakeTable();
  Set(table, "a", 1);
  WriteBatch batch;
  EXPECT_EQ(Flush(table, &batch).size(), 1U);
  EXPECT_THAT(Flush(table, &batch), IsEmpty());
  EXPECT_EQ(batch.count(), 1U);
}

TEST_P(TableContract, FlushesWithoutAChangelog) {
  auto table = MakeTable();
  Set(table, "a", 1);
  WriteBatch batch;
  table.Flush(&batch, nullptr);
  EXPECT_EQ(batch.count(), 1U);
}

TEST_P(TableContract, DeletesFromTheStoreAndTheChangelog) {
  auto table = MakeTable();
  Set(table, "a", 1);
  Commit(table);
  table.Delete("a");
  EXPECT_EQ(Read(table, "a"), std::nullopt);
  EXPECT_EQ(Stored(0, "a"), "1:");
  EXPECT_THAT(Commit(table), ElementsAre(Pair("a", std::nullopt)));
  EXPECT_EQ(Stored(0, "a"), "none");
  EXPECT_EQ(Read(table, "a"), std::nullopt);
}

TEST_P(TableContract, DeletesWhatItHasNotRead) {
  { auto earlier = MakeTable(); Set(earlier, "a", 1); Commit(earlier); }
  auto table = MakeTable();
  table.Delete("a");
  EXPECT_EQ(Read(table, "a"), std::nullopt);
  Commit(table);
  EXPECT_EQ(Stored(0, "a"), "none");
}

TEST_P(TableContract, StartsAfreshAfterADelete) {
  auto table = MakeTable();
  Set(table, "a", 1);
  Commit(table);
  table.Delete("a");
  EXPECT_EQ(*table.GetOrCreate("a").value(), Note());
  EXPECT_THAT(Commit(table), ElementsAre(Pair("a", Optional(std::string("0:")))));
}

TEST_P(TableContract, ForgetsChangesAfterAnAbort) {
  auto table = MakeTable();
  Set(table, "a", 1);
  Set(table, "gone", 1);
  Commit(table);
  Set(table, "a", 2);
  Set(table, "new", 2);
  table.Delete("gone");
  table.Aborted();
  EXPECT_EQ(Read(table, "a"), 1);
  EXPECT_EQ(Read(table, "new"), std::nullopt);
  EXPECT_EQ(Read(table, "gone"), 1);
  EXPECT_EQ(table.dirty_bytes(), 0U);
  EXPECT_THAT(Commit(table), IsEmpty());
}

TEST_P(TableContract, ForgetsFlushedChangesAfterAnAbort) {
  auto table = MakeTable();
  Set(table, "a", 1);
  WriteBatch dropped;
  Flush(table, &dropped);
  table.Aborted();
  EXPECT_EQ(Read(table, "a"), std::nullopt);
  Set(table, "a", 2);
  EXPECT_THAT(Commit(table), ElementsAre(Pair("a", Optional(std::string("2:")))));
}

TEST_P(TableContract, SeesItsOwnPartitionOnly) {
  auto zero = MakeTable(0);
  auto one = MakeTable(1);
  Set(zero, "a", 10);
  Set(one, "a", 11);
  Commit(zero);
  Commit(one);
  EXPECT_EQ(Stored(0, "a"), "10:");
  EXPECT_EQ(Stored(1, "a"), "11:");
  EXPECT_THAT(ScanAll(zero), ElementsAre(Pair("a", 10)));
  auto two = MakeTable(2);
  EXPECT_EQ(Read(two, "a"), std::nullopt);
}

TEST_P(TableContract, ScansStoredAndChangedValuesInByteOrder) {
  auto table = MakeTable();
  for (const char* key : {"b", "d", "f", "h"}) Set(table, key, 1);
  Commit(table);
  for (const char* key : {"i", "a", "d"}) Set(table, key, 2);
  table.Delete("f");
  table.Delete("never there");
  EXPECT_THAT(ScanAll(table), ElementsAre(Pair("a", 2), Pair("b", 1), Pair("d", 2), Pair("h", 1), Pair("i", 2)));
  WriteBatch batch;
  Flush(table, &batch);
  EXPECT_EQ(ScanAll(table).size(), 5U);
}

TEST_P(TableContract, StopsAScanWhenTheVisitorSaysSo) {
  auto table = MakeTable();
  for (const char* key : {"b", "d"}) Set(table, key, 1);
  Commit(table);
  for (const char* key : {"a", "c", "e"}) Set(table, key, 2);
  for (int stop = 1; stop <= 5; ++stop) {
    int visited = 0;
    ASSERT_TRUE(table.Scan([&](std::string_view, const Note&) { return ++visited < stop; }).ok());
    EXPECT_EQ(visited, stop);
  }
}

TEST_P(TableContract, KeepsPointersUntilTheCommit) {
  auto table = MakeTable(0, {.cache_entries = 1, .cache_bytes = 1});
  Note* first = table.GetOrCreate("first").value();
  for (int i = 0; i < 1000; ++i) Set(table, std::to_string(i), i);
  first->number = 7;
  Commit(table);
  EXPECT_EQ(Stored(0, "first"), "7:");
}

TEST_P(TableContract, DecodesACachedValueOnce) {
  { auto earlier = MakeTable(); Set(earlier, "a", 1); Commit(earlier); }
  auto table = MakeTable();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Read(table, "a"), 1);
  EXPECT_EQ(calls_.decoded, 1);
}

TEST_P(TableContract, KeepsAtMostTheEntriesAllowedAndTheUsedOnesOfThem) {
  auto table = MakeTable(0, {.cache_entries = 2});
  for (const char* key : {"a", "b", "c"}) Set(table, key, 1);
  Read(table, "a");
  Commit(table);
  calls_.decoded = 0;
  Read(table, "a");
  Read(table, "c");
  EXPECT_EQ(calls_.decoded, 0);
  EXPECT_EQ(Read(table, "b"), 1);
  EXPECT_EQ(calls_.decoded, 1);
}

TEST_P(TableContract, KeepsAtMostTheBytesAllowed) {
  auto table = MakeTable(0, {.cache_bytes = 2 * 103});
  for (const char* key : {"a", "b", "c"}) table.GetOrCreate(key).value()->text = std::string(100, 'x');
  Commit(table);
  Read(table, "b");
  Read(table, "c");
  EXPECT_EQ(calls_.decoded, 0);
  Read(table, "a");
  EXPECT_EQ(calls_.decoded, 1);
}

TEST_P(TableContract, KeepsNoMoreThanTheShareTheDatabaseGives) {
  auto table = MakeTable(0, {.cache_entries = 4});
  database_->SetCacheShare(0.5);
  for (const char* key : {"a", "b", "c", "d"}) Set(table, key, 1);
  Commit(table);
  for (const char* key : {"a", "b", "c", "d"}) EXPECT_EQ(Read(table, key), 1);
  EXPECT_EQ(calls_.decoded, 2);
}

TEST_P(TableContract, CountsDirtyBytesByTheSizesItKnows) {
  auto table = MakeTable();
  table.GetOrCreate("key").value()->text = std::string(94, 'x');
  EXPECT_EQ(table.dirty_bytes(), 4 + 3U);
  Commit(table);
  EXPECT_EQ(table.dirty_bytes(), 0U);
  table.MarkDirty("key");
  table.MarkDirty("key");
  EXPECT_EQ(table.dirty_bytes(), 4 + 3 + 96U);
  WriteBatch batch;
  Flush(table, &batch);
  EXPECT_EQ(table.dirty_bytes(), 4 + 3 + 96U);
  table.Committed();
  EXPECT_EQ(table.dirty_bytes(), 0U);
}

TEST_P(TableContract, SaysWhichStoreHoldsAValueItCannotRead) {
  WriteBatch batch;
  batch.Put(store_, PartitionKey(0, "a"), "garbage");
  ASSERT_TRUE(database_->Write(batch).ok());
  auto table = MakeTable();
  for (int i = 0; i < 2; ++i) {
    const Status status = table.Get("a").status();
    EXPECT_EQ(status.code(), Code::kCorruption);
    EXPECT_THAT(status.message(), HasSubstr("store notes"));
  }
  EXPECT_EQ(table.Scan([](auto, auto&) { return true; }).code(), Code::kCorruption);
}

using TableDeathTest = TableContract;
INSTANTIATE_TEST_SUITE_P(Databases, TableDeathTest, testing::Values(DatabaseKind::kMemory), KindName);

TEST_P(TableDeathTest, EndsTheProcessWhenSomethingChangesBetweenFlushAndCommitted) {
  auto table = MakeTable();
  Set(table, "a", 1);
  WriteBatch batch;
  Flush(table, &batch);
  EXPECT_DEATH(table.MarkDirty("a"), "table notes: nothing changes between Flush and Committed");
  EXPECT_DEATH(table.Delete("b"), "table notes: nothing changes between Flush and Committed");
}

TEST_P(TableDeathTest, EndsTheProcessWhenChangesAreCommittedThatNoFlushGave) {
  auto table = MakeTable();
  Set(table, "a", 1);
  EXPECT_DEATH(table.Committed(), "table notes: Committed follows a Flush");
}

TEST_P(TableDeathTest, EndsTheProcessWhenWhatIsNotThereIsMarkedDirty) {
  auto table = MakeTable();
  EXPECT_DEATH(table.MarkDirty("a"), "table notes: MarkDirty is for a value that Get has returned");
}

}  // namespace
}  // namespace catwalk::state
