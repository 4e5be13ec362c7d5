#include "state/rocksdb_database.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "tests/testing/temp_dir.h"

namespace catwalk::state {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RocksDbTest : public testing::Test {
 protected:
  std::string path() const { return folder_.path(); }
  Result<std::unique_ptr<Database>> TryOpen(bool only_copy = false) const {
    return OpenRocksDb({.path = path(), .memory_bytes = 32 << 20, .only_copy = only_copy});
  }
  std::unique_ptr<Database> Open() const {
    auto opened = TryOpen();
    EXPECT_TRUE(opened.ok()) << opened.status();
    return std::move(opened).value();
  }
  static Status Put(Database& database, std::string_view store, std::string_view key, std::string_view value) {
    WriteBatch batch;
    batch.Put(database.OpenStore(store).value(), key, value);
    return database.Write(batch);
  }
  static Result<std::string> Get(Database& database, std::string_view store, std::string_view key) {
    std::string value;
    ASSIGN_OR_RETURN(const uint32_t number, database.OpenStore(store));
    ASSIGN_OR_RETURN(const bool found, database.Store(number).Get(key, &value));
    return found ? value : "none";
  }
  /// As another program would, past our own interface.
  void ChangeByRocksDb(const std::function<void(rocksdb::DB&)>& change) const {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, path(), &db).ok());
    const std::unique_ptr<rocksdb::DB> owned(db);
    change(*db);
  }
  std::vector<fs::path> Files(const std::string& extension) const {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(path())) {
      if (file.path().extension() == extension) found.push_back(file.path());
    }
    return found;
  }
  static std::string Content(const fs::path& file) {
    std::stringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    return bytes.str();
  }
  static void Flip(const fs::path& file, size_t at) {
    std::string bytes = Content(file);
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 0x10);
    std::ofstream(file, std::ios::binary) << bytes;
  }

  tests::TempDir folder_;
};

TEST_F(RocksDbTest, KeepsEverythingAcrossReopening) {
  {
    auto database = Open();
    ASSERT_TRUE(Put(*database, "users", "a", "1").ok());
    ASSERT_TRUE(Put(*database, "designs", "a", "2").ok());
  }
  auto database = Open();
  EXPECT_EQ(Get(*database, "designs", "a").value(), "2");
  EXPECT_EQ(Get(*database, "users", "a").value(), "1");
}

TEST_F(RocksDbTest, MakesTheFolderAndThoseAbove) {
  auto opened = OpenRocksDb({.path = path() + "/a/b"});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(fs::is_directory(path() + "/a/b"));
}

TEST_F(RocksDbTest, RefusesAFolderInUseAndSaysWhatToDo) {
  auto database = Open();
  const Status status = TryOpen().status();
  EXPECT_EQ(status.code(), Code::kLocked);
  EXPECT_THAT(status.message(), HasSubstr(path()));
  EXPECT_THAT(status.message(), HasSubstr("--state-dir"));
}

TEST_F(RocksDbTest, ReadsAFolderInUseWhenAskedToReadOnly) {
  auto database = Open();
  ASSERT_TRUE(Put(*database, "users", "a", "1").ok());
  auto reader = OpenRocksDb({.path = path(), .read_only = true});
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(Get(**reader, "users", "a").value(), "1");
  EXPECT_EQ((*reader)->OpenStore("other").status().code(), Code::kNotFound);
  EXPECT_EQ((*reader)->Write(WriteBatch()).code(), Code::kInvalidArgument);
}

TEST_F(RocksDbTest, FindsNothingToReadInAnEmptyFolder) {
  EXPECT_EQ(OpenRocksDb({.path = path(), .read_only = true}).status().code(), Code::kNotFound);
  EXPECT_EQ(OpenRocksDb({.path = path() + "/none", .read_only = true}).status().code(), Code::kNotFound);
  EXPECT_TRUE(fs::is_empty(path()));
}

TEST_F(RocksDbTest, RefusesAFileForAFolder) {
  std::ofstream(path() + "/file") << "x";
  EXPECT_EQ(OpenRocksDb({.path = path() + "/file"}).status().code(), Code::kInvalidArgument);
}

TEST_F(RocksDbTest, RefusesAnotherFormatAndChangesNothing) {
  { ASSERT_TRUE(Put(*Open(), "users", "a", "1").ok()); }
  rocksdb::Options options;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path(), {{"default", {}}, {"users", {}}}, &handles, &db).ok());
  ASSERT_TRUE(db->Put({}, "catwalk-format-version", "7").ok());
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
  std::vector<std::string> before;
  for (const auto& file : fs::directory_iterator(path())) before.push_back(file.path().string() + Content(file));

  const Status status = TryOpen().status();
  EXPECT_EQ(status.code(), Code::kIncompatible);
  EXPECT_THAT(status.message(), HasSubstr("format 7"));
  EXPECT_THAT(status.message(), HasSubstr("format 1"));
  EXPECT_THAT(status.message(), HasSubstr("--state-dir"));
  std::vector<std::string> after;
  for (const auto& file : fs::directory_iterator(path())) after.push_back(file.path().string() + Content(file));
  EXPECT_THAT(after, testing::UnorderedElementsAreArray(before));
}

TEST_F(RocksDbTest, RefusesADatabaseOfAnotherProgram) {
  ChangeByRocksDb([](rocksdb::DB& db) { ASSERT_TRUE(db.Put({}, "k", "v").ok()); });
  const Status status = TryOpen().status();
  EXPECT_EQ(status.code(), Code::kIncompatible);
  EXPECT_THAT(status.message(), HasSubstr("without a format version"));
  ChangeByRocksDb([](rocksdb::DB& db) {
    std::string value;
    EXPECT_TRUE(db.Get({}, "k", &value).ok());
  });
}

TEST_F(RocksDbTest, FinishesADatabaseWhoseMakingWasCutShort) {
  ChangeByRocksDb([](rocksdb::DB&) {});
  { ASSERT_TRUE(Put(*Open(), "users", "a", "1").ok()); }
  EXPECT_EQ(Get(*Open(), "users", "a").value(), "1");
}

TEST_F(RocksDbTest, RefusesTablesWithoutTheFileThatNamesThem) {
  { ASSERT_TRUE(Put(*Open(), "users", "a", "1").ok()); }
  { Open(); }  // brings the log into a table
  ASSERT_FALSE(Files(".sst").empty());
  fs::remove(path() + "/CURRENT");
  EXPECT_EQ(TryOpen().status().code(), Code::kCorruption);
  EXPECT_FALSE(Files(".sst").empty());
}

/// Puts 2000 rows of 100 bytes into a table file of their own and closes.
void FillATable(Database& database) {
  WriteBatch batch;
  const uint32_t store = database.OpenStore("users").value();
  for (int i = 0; i < 2000; ++i) batch.Put(store, "user-" + std::to_string(10'000 + i), std::string(100, 'a'));
  ASSERT_TRUE(database.Write(batch).ok());
}

TEST_F(RocksDbTest, TellsAFlippedBitInATableFromData) {
  FillATable(*Open());
  { Open(); }
  std::vector<fs::path> tables = Files(".sst");
  ASSERT_FALSE(tables.empty());
  std::ranges::sort(tables, {}, [](const fs::path& file) { return fs::file_size(file); });
  Flip(tables.back(), 200);
  auto database = TryOpen();
  ASSERT_TRUE(database.ok()) << database.status();
  const auto value = Get(**database, "users", "user-10000");
  EXPECT_EQ(value.status().code(), Code::kCorruption);
  EXPECT_THAT(value.status().message(), HasSubstr(path()));
  const KeyValueStore& store = (*database)->Store((*database)->OpenStore("users").value());
  EXPECT_EQ(store.Scan({}, {}, [](auto, auto) { return true; }).code(), Code::kCorruption);
}

TEST_F(RocksDbTest, TellsATornTableFile) {
  FillATable(*Open());
  { Open(); }
  for (const fs::path& file : Files(".sst")) fs::resize_file(file, fs::file_size(file) / 2);
  EXPECT_EQ(TryOpen().status().code(), Code::kCorruption);
}

/// The log that holds what was written last.
class DamagedLog : public RocksDbTest {
 protected:
  void SetUp() override {
    { Open()->OpenStore("users").value(); }
    auto database = Open();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(Put(*database, "users", std::to_string(i), std::string(100, 'a')).ok());
    database.reset();
    for (const fs::path& file : Files(".log")) {
      if (fs::file_size(file) > 10'000) log_ = file;
    }
    ASSERT_FALSE(log_.empty());
  }
  fs::path log_;
};

TEST_F(DamagedLog, LosesOnlyTheTornEndOfTheLog) {
  fs::resize_file(log_, fs::file_size(log_) - 10);
  auto opened = TryOpen(/*only_copy=*/true);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(Get(**opened, "users", "98").value(), std::string(100, 'a'));
  EXPECT_EQ(Get(**opened, "users", "99").value(), "none");
}

TEST_F(DamagedLog, OpensAsOfTheLastWriteBeforeTheDamage) {
  Flip(log_, 5000);
  auto database = Open();
  EXPECT_EQ(Get(*database, "users", "10").value(), std::string(100, 'a'));
  EXPECT_EQ(Get(*database, "users", "90").value(), "none");
}

TEST_F(DamagedLog, IsRefusedWhenItIsTheOnlyCopy) {
  Flip(log_, 5000);
  EXPECT_EQ(TryOpen(/*only_copy=*/true).status().code(), Code::kCorruption);
}

TEST_F(RocksDbTest, KeepsFewerBlocksWhereItIsGivenLess) {
  constexpr uint64_t kMiB = 1 << 20;
  constexpr int kRows = 3'000;
  WriteBatch batch;
  const uint32_t store = Open()->OpenStore("users").value();
  for (int i = 0; i < kRows; ++i) batch.Put(store, std::to_string(i), std::string(8'000, 'a'));
  ASSERT_TRUE(Open()->Write(batch).ok());
  auto database = Open();  // in files now
  for (int i = 0; i < kRows; ++i) EXPECT_EQ(Get(*database, "users", std::to_string(i)).value().size(), 8'000U);
  EXPECT_GT(database->GetStats().memory_bytes, 18 * kMiB);
  database->SetCacheShare(0);
  EXPECT_LT(database->GetStats().memory_bytes, 12 * kMiB);
}

TEST_F(RocksDbTest, CountsTheBytesItUses) {
  auto database = Open();
  FillATable(*database);
  const Database::Stats stats = database->GetStats();
  EXPECT_GT(stats.disk_bytes, 200'000U);
  EXPECT_GT(stats.memory_bytes, 200'000U);
  EXPECT_LT(stats.memory_bytes, 32U << 20);
  EXPECT_EQ(stats.write_stalls, 0U);
  EXPECT_EQ(stats.write_stall_seconds, 0);
}

}  // namespace
}  // namespace catwalk::state
