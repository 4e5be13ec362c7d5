#include "state/rocksdb_store.h"

#include <memory>

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice.h>

#include "state/rocksdb_status.h"

namespace catwalk::state {
namespace {

/// RocksDB refuses a null pointer even where there are no bytes.
rocksdb::Slice ToSlice(std::string_view bytes) { return bytes.empty() ? rocksdb::Slice("", 0) : rocksdb::Slice(bytes); }

/// Read options for [begin, end); lives as long as the iterator made with them.
class Bounds {
 public:
  Bounds(std::string_view begin, std::string_view end) : begin_(ToSlice(begin)), end_(ToSlice(end)) {
    options_.iterate_lower_bound = &begin_;
    if (!end.empty()) options_.iterate_upper_bound = &end_;
  }
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;
  rocksdb::ReadOptions& options() { return options_; }

 private:
  rocksdb::Slice begin_;
  rocksdb::Slice end_;
  rocksdb::ReadOptions options_;
};

}  // namespace

void StopCountingWork() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

Result<bool> RocksDbStore::Get(std::string_view key, std::string* value) const {
  StopCountingWork();
  const rocksdb::Status status = db_.Get(rocksdb::ReadOptions(), &family_, ToSlice(key), value);
  if (status.IsNotFound()) return false;
  RETURN_IF_ERROR(FromRocksDb(status, folder_));
  return true;
}

Status RocksDbStore::Scan(std::string_view begin, std::string_view end, const Visit& visit) const {
  Bounds bounds(begin, end);
  bounds.options().fill_cache = false;  // read once; what is hot stays
  const std::unique_ptr<rocksdb::Iterator> row(db_.NewIterator(bounds.options(), &family_));
  for (row->SeekToFirst(); row->Valid(); row->Next()) {
    if (!visit(row->key().ToStringView(), row->value().ToStringView())) break;
  }
  return FromRocksDb(row->status(), folder_);
}

Result<bool> RocksDbStore::Last(std::string_view begin, std::string_view end, std::string* key,
                                std::string* value) const {
  if (!end.empty() && begin >= end) return false;
  Bounds bounds(begin, end);
  const std::unique_ptr<rocksdb::Iterator> row(db_.NewIterator(bounds.options(), &family_));
  row->SeekToLast();
  RETURN_IF_ERROR(FromRocksDb(row->status(), folder_));
  if (!row->Valid()) return false;
  key->assign(row->key().ToStringView());
  value->assign(row->value().ToStringView());
  return true;
}

}  // namespace catwalk::state
