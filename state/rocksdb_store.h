#pragma once

#include <string>
#include <string_view>

#include <rocksdb/db.h>

#include "state/key_value_store.h"

namespace catwalk::state {

/// RocksDB counts each comparison of keys for the thread it happens on, at the price of one, unless told not to.
void StopCountingWork();

/// The read side of one column family. Borrows the database, the handle and the folder's name (for messages).
class RocksDbStore final : public KeyValueStore {
 public:
  RocksDbStore(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family, const std::string& folder)
      : db_(db), family_(family), folder_(folder) {}

  const std::string& name() const { return family_.GetName(); }
  rocksdb::ColumnFamilyHandle& family() const { return family_; }

  Result<bool> Get(std::string_view key, std::string* value) const override;
  Status Scan(std::string_view begin, std::string_view end, const Visit& visit) const override;
  Result<bool> Last(std::string_view begin, std::string_view end, std::string* key,
                    std::string* value) const override;

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle& family_;
  const std::string& folder_;
};

}  // namespace catwalk::state
