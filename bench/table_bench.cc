#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/serde.h"
#include "state/partition_key.h"
#include "state/rocksdb_database.h"
#include "state/table.h"

namespace catwalk::state {
namespace {

constexpr int kUsers = 100'000;
constexpr int kBatch = 500;  // events a commit
constexpr size_t kValueBytes = 360;

class BytesSerde final : public Serde<std::string> {
 public:
  void Encode(const std::string& value, std::string* out) const override { out->append(value); }
  Status Decode(std::string_view bytes, std::string* value) const override {
    value->assign(bytes);
    return Status::Ok();
  }
};

void Check(const Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::exit(1);
}

/// A database in a new folder with one row per user.
class Users {
 public:
  Users() {
    for (int i = 0; i < kUsers; ++i) keys_.push_back("user-" + std::to_string(100'000 + i));
    std::filesystem::remove_all(folder_);
    database_ = OpenRocksDb({.path = folder_, .memory_bytes = 256ULL << 20}).value();
    store_ = database_->OpenStore("users").value();
    WriteBatch batch;
    for (const std::string& key : keys_) batch.Put(store_, PartitionKey(0, key), std::string(kValueBytes, 'v'));
    Check(database_->Write(batch));
  }
  ~Users() {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  Users(const Users&) = delete;
  Users& operator=(const Users&) = delete;

  Database& database() { return *database_; }
  uint32_t store() const { return store_; }
  /// Spread evenly, a different one each time.
  const std::string& NextKey() { return keys_[(next_ += 7919) % kUsers]; }
  Table<std::string> MakeTable(size_t cache_entries) {
    return {"users", *database_, store_, 0, std::make_unique<BytesSerde>(), {.cache_entries = cache_entries}};
  }

 private:
  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "catwalk-table-bench";
  std::vector<std::string> keys_;
  size_t next_ = 0;
  std::unique_ptr<Database> database_;
  uint32_t store_ = 0;
};

/// Read, change one byte, write, with no table in between.
void StoreReadModifyWrite(benchmark::State& state) {
  Users users;
  const KeyValueStore& rows = users.database().Store(users.store());
  std::string value;
  WriteBatch batch;
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      const std::string key = PartitionKey(0, users.NextKey());
      Check(rows.Get(key, &value).status());
      ++value[0];
      batch.Put(users.store(), key, value);
    }
    Check(users.database().Write(batch));
    batch.Clear();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(StoreReadModifyWrite)->Unit(benchmark::kMicrosecond);

/// The same through a table that caches as many values as the argument says, with a commit a batch.
void TableReadModifyWrite(benchmark::State& state) {
  Users users;
  auto table = users.MakeTable(static_cast<size_t>(state.range(0)));
  for (int i = 0; i < kUsers; ++i) Check(table.Get(users.NextKey()).status());
  table.Committed();
  WriteBatch batch;
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      const std::string& key = users.NextKey();
      ++(**table.Get(key))[0];
      table.MarkDirty(key);
    }
    table.Flush(&batch, nullptr);
    Check(users.database().Write(batch));
    table.Committed();
    batch.Clear();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(TableReadModifyWrite)->Arg(kUsers)->Arg(kUsers / 10)->Unit(benchmark::kMicrosecond);

/// Get of a cached value and MarkDirty, between commits.
void TableHit(benchmark::State& state) {
  Users users;
  auto table = users.MakeTable(kUsers);
  std::vector<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(users.NextKey());
  for (const std::string& key : keys) Check(table.Get(key).status());
  for (auto _ : state) {
    for (const std::string& key : keys) {
      benchmark::DoNotOptimize(*table.Get(key));
      table.MarkDirty(key);
    }
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(TableHit);

}  // namespace
}  // namespace catwalk::state
