#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/serde.h"
#include "state/database.h"

namespace catwalk::state {

/// What a Table hands to a task at commit and takes back after it. The task sees all its tables alike.
class CommittableTable {
 public:
  virtual ~CommittableTable() = default;
  virtual const std::string& name() const = 0;
  /// Encodes every changed value once, into `batch` and to `changelog` (null: none) as (key, value; no value: deleted).
  using Changelog = std::function<void(std::string_view key, const std::string* value)>;
  virtual void Flush(WriteBatch* batch, const Changelog& changelog) = 0;
  /// The write that Flush fed is in the store.
  virtual void Committed() = 0;
  /// Forgets every change since the last Committed.
  virtual void Aborted() = 0;
  /// Bytes of changed values not yet committed, roughly.
  virtual uint64_t dirty_bytes() const = 0;
};

/// A typed view of one partition of a store, with decoded values cached and changes kept in memory until commit.
/// Belongs to one task, used by one thread. Keys in the store are the partition (4 bytes, big endian) and the key.
///
/// Get returns a pointer that stays valid until the next call of a non-const method other than Get/GetOrCreate/MarkDirty;
/// eviction happens only in Committed.
template <class T>
class Table final : public CommittableTable {
 public:
  struct Options {
    /// Decoded values kept after a commit, at most. Default: 100,000.
    size_t cache_entries = 100'000;
    /// Bytes (as encoded) of decoded values kept, at most. Default: 64 MiB.
    uint64_t cache_bytes = 64ULL << 20;
  };

  Table(std::string name, const Database& database, uint32_t store, int32_t partition,
        std::unique_ptr<const Serde<T>> serde, Options options);

  /// The value, or null. Read-only: change it through GetOrCreate or after MarkDirty.
  Result<T*> Get(std::string_view key);
  /// The value, made by T() if there is none (then already dirty).
  Result<T*> GetOrCreate(std::string_view key);
  /// Says that the value of `key`, got before, has changed.
  void MarkDirty(std::string_view key);
  void Delete(std::string_view key);
  /// Visits all keys and values, changed ones as they are now, in no particular order of changed against stored.
  Status Scan(const std::function<bool(std::string_view key, const T& value)>& visit);

  const std::string& name() const override { return name_; }
  void Flush(WriteBatch* batch, const Changelog& changelog) override;
  void Committed() override;
  void Aborted() override;
  uint64_t dirty_bytes() const override { return dirty_bytes_; }
};

}  // namespace catwalk::state
