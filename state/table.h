#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/serde.h"
#include "base/status.h"
#include "state/clock_queue.h"
#include "state/committable_table.h"
#include "state/damaged_state.h"
#include "state/database.h"
#include "state/key_index.h"
#include "state/key_order.h"
#include "state/partition_key.h"
#include "state/table_rules.h"

namespace catwalk::state {

/// A typed view of one partition of a store, with decoded values cached and changes kept in memory until commit.
/// Belongs to one task, used by one thread; the database outlives it. Keys in the store are the partition (4 bytes,
/// big endian) and the key. T is made by T().
///
/// Get returns a pointer that stays valid until the next call of a non-const method other than Get, GetOrCreate,
/// MarkDirty and Scan; eviction happens only in Committed.
///
/// Breaking a rule (MarkDirty of what was not got, a change between Flush and Committed, Committed with changes that no
/// Flush gave) ends the process in every build, with a message: going on would lose changes.
template <class T>
class Table final : public CommittableTable {
 public:
  struct Options {
    /// Decoded values kept after a commit, at most. Default: 100,000.
    size_t cache_entries = 100'000;
    /// Bytes (keys, and values as encoded) of decoded values kept, at most. Default: 64 MiB.
    uint64_t cache_bytes = 64ULL << 20;
  };

  Table(std::string name, const Database& database, uint32_t store, int32_t partition,
        std::unique_ptr<const Serde<T>> serde, Options options)
      : name_(std::move(name)), database_(database), rows_(database.Store(store)), store_(store), partition_(partition),
        serde_(std::move(serde)), options_(options), store_key_(PartitionKey(partition, {})) {}

  /// For a batch of keys that will be asked for: first Prefetch for all, then Peek for all. The value if it is in memory, else null.
  /// No effect but on time.
  void Prefetch(std::string_view key) const { entries_.Prefetch(key); }
  const T* Peek(std::string_view key) const {
    const Entry* const entry = entries_.Find(key);
    return entry == nullptr ? nullptr : &entry->value;
  }

  /// The value, or null. Read-only: change it through GetOrCreate or after MarkDirty.
  Result<T*> Get(std::string_view key);
  /// The value, made by T() if there is none (then already dirty; MarkDirty is for one that was there).
  Result<T*> GetOrCreate(std::string_view key);
  /// Says that the value of `key`, got before, has changed or is about to.
  void MarkDirty(std::string_view key);
  /// It is not an error if there is no value.
  void Delete(std::string_view key);
  /// Visits all keys and values, changed ones as they are now, in byte order of the keys, until `visit` returns false.
  /// `visit` must not call the table.
  Status Scan(const std::function<bool(std::string_view key, const T& value)>& visit);

  const std::string& name() const override { return name_; }
  void Flush(WriteBatch* batch, const Changelog& changelog) override;
  void Committed() override;
  void Aborted() override;
  uint64_t dirty_bytes() const override { return dirty_bytes_; }

 private:
  /// One cached key. A deleted one is dirty and stays until the commit.
  struct Entry : ClockQueue<Entry>::Hook {
    explicit Entry(std::string_view of) : key(of) {}
    const std::string key;
    T value{};
    uint32_t encoded_bytes = 0;  // of the value, as last read or flushed
    bool dirty = false;
    bool deleted = false;
  };

  static std::string_view KeyOf(const Entry* entry) { return entry->key; }
  static uint64_t Size(const Entry& entry) { return entry.key.size() + entry.encoded_bytes; }

  Entry* Find(std::string_view key);
  Entry& Insert(std::string_view key);
  void Erase(Entry& entry);
  Result<Entry*> Load(std::string_view key);
  void Change(Entry& entry);
  void Resize(Entry& entry, size_t encoded_bytes);
  void Evict();
  void Drop(const std::vector<Entry*>& entries);
  std::string_view StoreKey(std::string_view key);
  Status Decode(std::string_view bytes, T* value) const;
  std::vector<const Entry*> ChangesByKey() const;

  const std::string name_;
  const Database& database_;
  const KeyValueStore& rows_;
  const uint32_t store_;
  const int32_t partition_;
  const std::unique_ptr<const Serde<T>> serde_;
  const Options options_;

  KeyIndex<Entry> entries_;
  ClockQueue<Entry> queue_;        // all of entries_
  Entry* last_ = nullptr;          // the last one found, most often the next one looked for
  uint64_t cached_bytes_ = 0;      // Size of all entries
  std::vector<Entry*> dirty_;      // changed, not flushed
  std::vector<Entry*> flushed_;    // flushed, not committed
  uint64_t dirty_bytes_ = 0;
  std::string store_key_;          // the partition, then room for a key
  std::string bytes_;              // room for an encoded value
};

template <class T>
Result<T*> Table<T>::Get(std::string_view key) {
  Entry* entry = Find(key);
  if (entry == nullptr) {
    ASSIGN_OR_RETURN(entry, Load(key));
  }
  return entry == nullptr || entry->deleted ? nullptr : &entry->value;
}

template <class T>
Result<T*> Table<T>::GetOrCreate(std::string_view key) {
  ASSIGN_OR_RETURN(T* const value, Get(key));
  if (value != nullptr) return value;
  Entry* entry = Find(key);
  if (entry == nullptr) entry = &Insert(key);
  Change(*entry);
  entry->value = T();
  entry->deleted = false;
  return &entry->value;
}

template <class T>
void Table<T>::MarkDirty(std::string_view key) {
  Entry* entry = Find(key);
  Require(entry != nullptr && !entry->deleted, name_, "MarkDirty is for a value that Get has returned");
  Change(*entry);
}

template <class T>
void Table<T>::Delete(std::string_view key) {
  Entry* entry = Find(key);
  if (entry == nullptr) entry = &Insert(key);
  Change(*entry);
  entry->value = T();
  entry->deleted = true;
}

template <class T>
Status Table<T>::Scan(const std::function<bool(std::string_view key, const T& value)>& visit) {
  const std::vector<const Entry*> changes = ChangesByKey();
  auto change = changes.begin();
  bool more = true;
  const auto visit_changes_to = [&](auto end) {
    for (; more && change != end; ++change) {
      if (!(*change)->deleted) more = visit((*change)->key, (*change)->value);
    }
  };
  Status status;
  T stored{};
  const KeyRange range = PartitionRange(partition_);
  RETURN_IF_ERROR(rows_.Scan(range.begin, range.end, [&](std::string_view full, std::string_view bytes) {
    const std::string_view key = full.substr(kPartitionPrefixBytes);
    visit_changes_to(std::ranges::lower_bound(change, changes.end(), key, {}, KeyOf));
    const bool changed = change != changes.end() && KeyOf(*change) == key;  // visited on the way to the next key
    if (!more || changed) return more;
    status = Decode(bytes, &stored);
    more = status.ok() && visit(key, stored);
    return more;
  }));
  visit_changes_to(changes.end());
  return status;
}

template <class T>
void Table<T>::Flush(WriteBatch* batch, const Changelog& changelog) {
  SortByKey(&dirty_);  // neighbours in the store follow each other
  for (Entry* entry : dirty_) {
    if (!entry->deleted) {
      bytes_.clear();
      serde_->Encode(entry->value, &bytes_);
      batch->Put(store_, StoreKey(entry->key), bytes_);
    } else {
      batch->Delete(store_, StoreKey(entry->key));
    }
    if (changelog) changelog(entry->key, entry->deleted ? nullptr : &bytes_);
    Resize(*entry, entry->deleted ? 0 : bytes_.size());
  }
  flushed_.insert(flushed_.end(), dirty_.begin(), dirty_.end());
  dirty_.clear();
}

template <class T>
void Table<T>::Committed() {
  Require(dirty_.empty(), name_, "Committed follows a Flush of all changes");
  for (Entry* entry : flushed_) {
    entry->dirty = false;
    if (entry->deleted) Erase(*entry);
  }
  flushed_.clear();
  dirty_bytes_ = 0;
  Evict();
}

template <class T>
void Table<T>::Aborted() {
  Drop(dirty_);
  Drop(flushed_);
  dirty_.clear();
  flushed_.clear();
  dirty_bytes_ = 0;
}

template <class T>
void Table<T>::Drop(const std::vector<Entry*>& entries) {
  for (Entry* entry : entries) Erase(*entry);
}

/// Uses in a row count as one, so a key that comes once does not look like one that comes back.
template <class T>
typename Table<T>::Entry* Table<T>::Find(std::string_view key) {
  if (last_ != nullptr && last_->key == key) return last_;
  Entry* const found = entries_.Find(key);
  if (found == nullptr) return nullptr;
  last_ = found;
  last_->used = true;
  return last_;
}

template <class T>
typename Table<T>::Entry& Table<T>::Insert(std::string_view key) {
  Entry& entry = entries_.Insert(std::make_unique<Entry>(key));
  queue_.PushBack(entry);
  cached_bytes_ += Size(entry);
  last_ = &entry;
  return entry;
}

template <class T>
void Table<T>::Erase(Entry& entry) {
  cached_bytes_ -= Size(entry);
  queue_.Remove(entry);
  if (last_ == &entry) last_ = nullptr;
  entries_.Erase(entry);
}

/// Reads a key that is not cached; null if the store has none.
template <class T>
Result<typename Table<T>::Entry*> Table<T>::Load(std::string_view key) {
  ASSIGN_OR_RETURN(const bool exists, rows_.Get(StoreKey(key), &bytes_));
  if (!exists) return nullptr;
  Entry& entry = Insert(key);
  Resize(entry, bytes_.size());
  if (Status status = Decode(bytes_, &entry.value); !status.ok()) {
    Erase(entry);
    return status;
  }
  return &entry;
}

template <class T>
void Table<T>::Change(Entry& entry) {
  Require(flushed_.empty(), name_, "nothing changes between Flush and Committed or Aborted");
  if (entry.dirty) return;
  entry.dirty = true;
  dirty_.push_back(&entry);
  // A new value has no size yet; it is taken for an average one.
  const uint64_t average = cached_bytes_ / entries_.size();
  dirty_bytes_ += kPartitionPrefixBytes + (entry.encoded_bytes != 0 ? Size(entry) : std::max(Size(entry), average));
}

template <class T>
void Table<T>::Resize(Entry& entry, size_t encoded_bytes) {
  cached_bytes_ += encoded_bytes - entry.encoded_bytes;
  entry.encoded_bytes = static_cast<uint32_t>(encoded_bytes);
}

/// Second chance: from the oldest on, what was used since it was last looked at goes to the back.
template <class T>
void Table<T>::Evict() {
  const double share = database_.cache_share();
  const auto most_entries = static_cast<size_t>(share * static_cast<double>(options_.cache_entries));
  const auto most_bytes = static_cast<uint64_t>(share * static_cast<double>(options_.cache_bytes));
  while (entries_.size() > most_entries || cached_bytes_ > most_bytes) Erase(queue_.Advance());
}

template <class T>
std::string_view Table<T>::StoreKey(std::string_view key) {
  store_key_.resize(kPartitionPrefixBytes);
  return store_key_.append(key);
}

template <class T>
Status Table<T>::Decode(std::string_view bytes, T* value) const {
  const Status status = serde_->Decode(bytes, value);
  return status.ok() ? status : DamagedState("store " + name_, status.message());
}

template <class T>
std::vector<const typename Table<T>::Entry*> Table<T>::ChangesByKey() const {
  std::vector<const Entry*> changes(dirty_.begin(), dirty_.end());
  changes.insert(changes.end(), flushed_.begin(), flushed_.end());
  SortByKey(&changes);
  return changes;
}

}  // namespace catwalk::state
