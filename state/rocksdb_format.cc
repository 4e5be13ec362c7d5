#include "state/rocksdb_format.h"

#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include <rocksdb/options.h>

#include "state/damaged_state.h"
#include "state/rocksdb_database.h"
#include "state/rocksdb_log.h"
#include "state/rocksdb_status.h"

namespace catwalk::state {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormatKey = "catwalk-format-version";

/// Without CURRENT RocksDB would make a new database over what is there.
bool HasTables(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    if (file->path().extension() == ".sst") return true;
  }
  return false;
}

/// Opens the default family alone, writing nothing.
Result<std::unique_ptr<rocksdb::DB>> OpenToLook(const std::string& folder) {
  rocksdb::DBOptions options;
  options.info_log = RocksDbLog();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, {}}};
  RETURN_IF_ERROR(FromRocksDb(rocksdb::DB::OpenForReadOnly(options, folder, families, &handles, &db), folder));
  std::unique_ptr<rocksdb::DB> owned(db);
  for (auto* handle : handles) owned->DestroyColumnFamilyHandle(handle);
  return owned;
}

Status Incompatible(const std::string& folder, const std::string& found) {
  return {Code::kIncompatible, folder + " holds " + found + ", this catwalk reads format " +
                                   std::to_string(kFormatVersion) +
                                   "; run the version that wrote it, or give another --state-dir "
                                   "(nothing was changed)"};
}

}  // namespace

Result<FolderContent> InspectFolder(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(fs::path(folder) / "CURRENT", error)) {
    if (HasTables(folder)) return DamagedState("the state in " + folder, "the file CURRENT is missing");
    return FolderContent::kNothing;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> families, ListFamilies(folder));
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::DB> db, OpenToLook(folder));
  std::string version;
  const rocksdb::Status status = db->Get(rocksdb::ReadOptions(), kFormatKey, &version);
  if (status.IsNotFound()) {
    if (families.size() == 1 && db->GetLatestSequenceNumber() == 0) return FolderContent::kNothing;
    return Incompatible(folder, "a RocksDB database without a format version");
  }
  RETURN_IF_ERROR(FromRocksDb(status, folder));
  if (version != std::to_string(kFormatVersion)) return Incompatible(folder, "state of format " + version);
  return FolderContent::kDatabase;
}

rocksdb::Status WriteFormatVersion(rocksdb::DB& db) {
  rocksdb::WriteOptions durable;
  durable.sync = true;
  return db.Put(durable, kFormatKey, std::to_string(kFormatVersion));
}

Result<std::vector<std::string>> ListFamilies(const std::string& folder) {
  std::vector<std::string> families;
  RETURN_IF_ERROR(FromRocksDb(rocksdb::DB::ListColumnFamilies({}, folder, &families), folder));
  return families;
}

}  // namespace catwalk::state
