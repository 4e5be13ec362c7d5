#include "tests/chaos/state_folder.h"

#include <memory>
#include <stdexcept>
#include <vector>

#include <rocksdb/db.h>

namespace catwalk::chaos {
namespace {

void Require(const rocksdb::Status& status, const std::string& folder) {
  if (!status.ok()) throw std::runtime_error(folder + ": " + status.ToString());
}

}  // namespace

Stores ReadStateFolder(const std::string& folder) {
  std::vector<std::string> names;
  Require(rocksdb::DB::ListColumnFamilies({}, folder, &names), folder);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  Require(rocksdb::DB::OpenForReadOnly({}, folder, families, &handles, &opened), folder);
  const std::unique_ptr<rocksdb::DB> db(opened);
  Require(db->VerifyChecksum(rocksdb::ReadOptions()), folder);
  Stores stores;
  for (auto* handle : handles) {
    if (handle->GetName() != "log") {
      Rows& rows = stores[handle->GetName()];
      const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(rocksdb::ReadOptions(), handle));
      for (at->SeekToFirst(); at->Valid(); at->Next()) rows.emplace(at->key().ToString(), at->value().ToString());
      Require(at->status(), folder);
    }
    db->DestroyColumnFamilyHandle(handle);
  }
  return stores;
}

}  // namespace catwalk::chaos
