#include "state/rocksdb_database.h"

#include <atomic>
#include <deque>
#include <filesystem>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/statistics.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include "state/rocksdb_format.h"
#include "state/rocksdb_options.h"
#include "state/rocksdb_status.h"
#include "state/rocksdb_store.h"
#include "state/store_checks.h"
#include "state/torn_log.h"

namespace catwalk::state {
namespace {

namespace fs = std::filesystem;

/// Hears from RocksDB's threads.
class Listener final : public rocksdb::EventListener {
 public:
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    if (info.condition.cur != rocksdb::WriteStallCondition::kNormal) ++stalls_;
  }
  /// RocksDB 7.8 recovers from a log that could not be written only to fail, or hang, on it again. What fails in the
  /// background it recovers from by itself.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status /*error*/,
                            bool* automatic) override {
    if (reason == rocksdb::BackgroundErrorReason::kWriteCallback) *automatic = false;
  }

  /// How often a column family began to hold writers up.
  uint64_t stalls() const { return stalls_; }

 private:
  std::atomic<uint64_t> stalls_ = 0;
};

/// Makes RocksDB's batch of ours.
class Translator final : public WriteBatch::Visitor {
 public:
  Translator(const std::deque<RocksDbStore>& stores, rocksdb::WriteBatch& changes)
      : stores_(stores), changes_(changes) {}

  const rocksdb::Status& status() const { return status_; }

  void Put(uint32_t store, std::string_view key, std::string_view value) override {
    Keep(changes_.Put(Family(store), key, value));
  }
  void Delete(uint32_t store, std::string_view key) override { Keep(changes_.Delete(Family(store), key)); }
  void DeleteRange(uint32_t store, std::string_view begin, std::string_view end) override {
    Keep(changes_.DeleteRange(Family(store), begin, end));
  }

 private:
  rocksdb::ColumnFamilyHandle* Family(uint32_t store) const { return &stores_[store].family(); }
  void Keep(rocksdb::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  const std::deque<RocksDbStore>& stores_;
  rocksdb::WriteBatch& changes_;
  rocksdb::Status status_;
};

class RocksDbDatabase final : public Database {
 public:
  explicit RocksDbDatabase(const RocksDbOptions& options)
      : folder_(options.path), read_only_(options.read_only), tuning_(TuneRocksDb(options)) {
    tuning_.database.listeners.push_back(listener_);
    if (options.crash_plan == nullptr || options.crash_plan->point() != CrashPoint::kMidLocalWrite) return;
    torn_ = EnvWithTornLog(*options.crash_plan);
    tuning_.database.env = torn_.get();
  }
  ~RocksDbDatabase() override;

  /// Called once, before anything else.
  Status Open(FolderContent content);

  Result<uint32_t> OpenStore(std::string_view name) override;
  const KeyValueStore& Store(uint32_t store) const override;
  Status Write(const WriteBatch& batch, bool sync) override;
  Stats GetStats() const override;
  void SetCacheShare(double share) override;

 private:
  Status OpenFamilies(const std::vector<rocksdb::ColumnFamilyDescriptor>& families);
  Status Translate(const WriteBatch& batch, rocksdb::WriteBatch* out) const;
  Status CheckRoom(size_t batch_bytes) const;

  const std::string folder_;
  const bool read_only_;
  const std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();  // shared with RocksDB
  RocksDbTuning tuning_;
  std::unique_ptr<rocksdb::Env> torn_;  // null but in tests
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_family_ = nullptr;

  mutable std::shared_mutex stores_mutex_;
  std::deque<RocksDbStore> stores_;  // by number; addresses stay
};

RocksDbDatabase::~RocksDbDatabase() {
  if (db_ == nullptr) return;
  for (const RocksDbStore& store : stores_) db_->DestroyColumnFamilyHandle(&store.family());
  db_->DestroyColumnFamilyHandle(default_family_);
}

Status RocksDbDatabase::Open(FolderContent content) {
  std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName};
  if (content == FolderContent::kDatabase) {
    ASSIGN_OR_RETURN(names, ListFamilies(folder_));
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, tuning_.store);
  RETURN_IF_ERROR(OpenFamilies(families));
  if (content == FolderContent::kDatabase) return Status::Ok();
  return FromRocksDb(WriteFormatVersion(*db_), folder_);
}

Status RocksDbDatabase::OpenFamilies(const std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      read_only_ ? rocksdb::DB::OpenForReadOnly(tuning_.database, folder_, families, &handles, &db)
                 : rocksdb::DB::Open(tuning_.database, folder_, families, &handles, &db);
  RETURN_IF_ERROR(FromRocksDb(status, folder_));
  db_.reset(db);
  for (auto* handle : handles) {
    if (handle->GetName() == rocksdb::kDefaultColumnFamilyName) {
      default_family_ = handle;
    } else {
      stores_.emplace_back(*db_, *handle, folder_);
    }
  }
  return Status::Ok();
}

Result<uint32_t> RocksDbDatabase::OpenStore(std::string_view name) {
  RETURN_IF_ERROR(CheckStoreName(name));
  const std::unique_lock lock(stores_mutex_);
  for (uint32_t i = 0; i < stores_.size(); ++i) {
    if (stores_[i].name() == name) return i;
  }
  if (read_only_) {
    return Status(Code::kNotFound, folder_ + " has no store \"" + std::string(name) + "\"; do catwalk run first");
  }
  rocksdb::ColumnFamilyHandle* family = nullptr;
  RETURN_IF_ERROR(FromRocksDb(db_->CreateColumnFamily(tuning_.store, std::string(name), &family), folder_));
  stores_.emplace_back(*db_, *family, folder_);
  return static_cast<uint32_t>(stores_.size() - 1);
}

const KeyValueStore& RocksDbDatabase::Store(uint32_t store) const {
  const std::shared_lock lock(stores_mutex_);
  return stores_[store];
}

Status RocksDbDatabase::Write(const WriteBatch& batch, bool sync) {
  if (read_only_) return {Code::kInvalidArgument, folder_ + " is open for reading only; open it for writing"};
  rocksdb::WriteBatch changes(batch.bytes());
  RETURN_IF_ERROR(Translate(batch, &changes));
  RETURN_IF_ERROR(CheckRoom(batch.bytes()));
  StopCountingWork();
  rocksdb::WriteOptions options;
  options.sync = sync;
  options.memtable_insert_hint_per_batch = true;  // tables give their changes in the order of keys
  return FromRocksDb(db_->Write(options, &changes), folder_);
}

Status RocksDbDatabase::Translate(const WriteBatch& batch, rocksdb::WriteBatch* out) const {
  const std::shared_lock lock(stores_mutex_);
  RETURN_IF_ERROR(CheckStores(batch, stores_.size()));
  Translator translator(stores_, *out);
  batch.Visit(translator);
  return FromRocksDb(translator.status(), folder_);
}

/// A write must not be what finds the disk full: RocksDB takes no other one after it until it is opened again. So room
/// is kept for the batch in the log and for all memtables in tables.
Status RocksDbDatabase::CheckRoom(size_t batch_bytes) const {
  std::error_code error;
  const uint64_t free = fs::space(folder_, error).available;
  const uint64_t needed = tuning_.database.write_buffer_manager->buffer_size() + 2 * batch_bytes;
  if (error || free >= needed) return Status::Ok();
  return {Code::kNoSpace, "the disk of " + folder_ + " is full (" + std::to_string(free >> 20) + " MiB free, " +
                              std::to_string((needed >> 20) + 1) + " needed); free some space, then it goes on",
          Recovery::kRetryable};
}

Database::Stats RocksDbDatabase::GetStats() const {
  Stats stats;
  std::error_code error;
  for (fs::directory_iterator file(folder_, error), end; !error && file != end; file.increment(error)) {
    std::error_code gone;  // a file may be deleted while we look
    const auto size = file->file_size(gone);
    if (!gone) stats.disk_bytes += size;
  }
  stats.memory_bytes = tuning_.cache->GetUsage();
  stats.write_stalls = listener_->stalls();
  stats.write_stall_seconds =
      static_cast<double>(tuning_.database.statistics->getTickerCount(rocksdb::STALL_MICROS)) * 1e-6;
  return stats;
}

/// Memtables are charged to the cache and stay: they are what is not yet in files.
void RocksDbDatabase::SetCacheShare(double share) {
  Database::SetCacheShare(share);
  const size_t memtables = tuning_.database.write_buffer_manager->buffer_size();
  tuning_.cache->SetCapacity(memtables + static_cast<size_t>(share * static_cast<double>(tuning_.memory_bytes - memtables)));
}

Status MakeFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && fs::is_directory(folder, error)) return Status::Ok();
  if (error == std::errc::no_space_on_device) {
    return {Code::kNoSpace, "the disk is full, " + folder + " cannot be made; free some space", Recovery::kRetryable};
  }
  return {Code::kInvalidArgument, folder + " cannot be made or is no folder" +
                                      (error ? " (" + error.message() + ")" : "") + "; give another --state-dir"};
}

/// RocksDB takes the lock only once it opens, so we take it first to look in peace.
Result<FolderContent> InspectLocked(const std::string& folder) {
  rocksdb::Env& env = *rocksdb::Env::Default();
  rocksdb::FileLock* lock = nullptr;
  RETURN_IF_ERROR(FromRocksDb(env.LockFile(folder + "/LOCK", &lock), folder));
  auto content = InspectFolder(folder);
  RETURN_IF_ERROR(FromRocksDb(env.UnlockFile(lock), folder));
  return content;
}

Result<FolderContent> Inspect(const RocksDbOptions& options) {
  if (!options.read_only) {
    RETURN_IF_ERROR(MakeFolder(options.path));
    return InspectLocked(options.path);
  }
  ASSIGN_OR_RETURN(const FolderContent content, InspectFolder(options.path));
  if (content == FolderContent::kDatabase) return content;
  return Status(Code::kNotFound, "no state in " + options.path + "; give another --state-dir, or do catwalk run first");
}

}  // namespace

Result<std::unique_ptr<Database>> OpenRocksDb(const RocksDbOptions& options) {
  ASSIGN_OR_RETURN(const FolderContent content, Inspect(options));
  auto database = std::make_unique<RocksDbDatabase>(options);
  RETURN_IF_ERROR(database->Open(content));
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace catwalk::state
