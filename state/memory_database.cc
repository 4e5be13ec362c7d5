#include "state/memory_database.h"

#include <deque>
#include <map>
#include <mutex>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

#include "state/store_checks.h"

namespace catwalk::state {
namespace {

using Rows = std::map<std::string, std::string, std::less<>>;

/// One store. A scan holds on to the rows as they are, without the lock, so its visitor may do anything; a write that
/// finds them held changes a copy. The lock is the database's.
class MemoryStore final : public KeyValueStore {
 public:
  MemoryStore(std::string name, std::shared_mutex& mutex) : name_(std::move(name)), mutex_(mutex) {}

  const std::string& name() const { return name_; }

  Result<bool> Get(std::string_view key, std::string* value) const override {
    const std::shared_lock lock(mutex_);
    const auto found = rows_->find(key);
    if (found == rows_->end()) return false;
    *value = found->second;
    return true;
  }

  Status Scan(std::string_view begin, std::string_view end, const Visit& visit) const override {
    const Snapshot snapshot(*this);
    const Rows& rows = snapshot.rows();
    for (auto row = rows.lower_bound(begin); row != rows.end() && (end.empty() || row->first < end); ++row) {
      if (!visit(row->first, row->second)) break;
    }
    return Status::Ok();
  }

  Result<bool> Last(std::string_view begin, std::string_view end, std::string* key,
                    std::string* value) const override {
    const std::shared_lock lock(mutex_);
    auto row = end.empty() ? rows_->end() : rows_->lower_bound(end);
    if (row == rows_->begin() || (--row)->first < begin) return false;
    *key = row->first;
    *value = row->second;
    return true;
  }

  /// The rows to change; the caller holds the lock exclusively.
  Rows& Mutable() {
    if (rows_.use_count() > 1) rows_ = std::make_shared<Rows>(*rows_);
    return *rows_;
  }

 private:
  /// Keeps the rows from being changed in place. Taken and dropped under the lock, which orders it with writes.
  class Snapshot {
   public:
    explicit Snapshot(const MemoryStore& store) : store_(store) {
      const std::shared_lock lock(store_.mutex_);
      rows_ = store_.rows_;
    }
    ~Snapshot() {
      const std::shared_lock lock(store_.mutex_);
      rows_.reset();
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    const Rows& rows() const { return *rows_; }

   private:
    const MemoryStore& store_;
    std::shared_ptr<const Rows> rows_;
  };

  const std::string name_;
  std::shared_mutex& mutex_;
  std::shared_ptr<Rows> rows_ = std::make_shared<Rows>();  // shared with running scans
};

class MemoryDatabase final : public Database {
 public:
  Result<uint32_t> OpenStore(std::string_view name) override {
    RETURN_IF_ERROR(CheckStoreName(name));
    const std::unique_lock lock(mutex_);
    for (uint32_t i = 0; i < stores_.size(); ++i) {
      if (stores_[i].name() == name) return i;
    }
    stores_.emplace_back(std::string(name), mutex_);
    return static_cast<uint32_t>(stores_.size() - 1);
  }

  const KeyValueStore& Store(uint32_t store) const override {
    const std::shared_lock lock(mutex_);
    return stores_[store];
  }

  Status Write(const WriteBatch& batch, bool /*sync*/) override {
    const std::unique_lock lock(mutex_);
    RETURN_IF_ERROR(CheckStores(batch, stores_.size()));
    Applier applier(stores_);
    batch.Visit(applier);
    return Status::Ok();
  }

  Stats GetStats() const override { return {}; }

 private:
  using Stores = std::deque<MemoryStore>;

  class Applier final : public WriteBatch::Visitor {
   public:
    explicit Applier(Stores& stores) : stores_(stores) {}
    void Put(uint32_t store, std::string_view key, std::string_view value) override {
      Rows& rows = stores_[store].Mutable();
      const auto row = rows.lower_bound(key);
      if (row != rows.end() && row->first == key) {
        row->second = value;
      } else {
        rows.emplace_hint(row, key, value);
      }
    }
    void Delete(uint32_t store, std::string_view key) override {
      Rows& rows = stores_[store].Mutable();
      if (const auto row = rows.find(key); row != rows.end()) rows.erase(row);
    }
    void DeleteRange(uint32_t store, std::string_view begin, std::string_view end) override {
      Rows& rows = stores_[store].Mutable();
      rows.erase(rows.lower_bound(begin), rows.lower_bound(end));
    }

   private:
    Stores& stores_;
  };

  mutable std::shared_mutex mutex_;
  Stores stores_;
};

}  // namespace

std::unique_ptr<Database> MakeMemoryDatabase() { return std::make_unique<MemoryDatabase>(); }

}  // namespace catwalk::state
