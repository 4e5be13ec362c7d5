#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace catwalk::state {

/// Entries by key, owned: a hash table with open addressing and linear probing, a power of two, at most half full. What it
/// probes lies close together and an entry is only read where its hash is the same, so that a look-up reads two places in memory; both
/// can be asked for ahead. Entry has a member `key` that converts to std::string_view. Entries keep their addresses. Not thread-safe.
template <class Entry>
class KeyIndex {
 public:
  size_t size() const { return size_; }

  /// Null if there is none.
  Entry* Find(std::string_view key) const {
    if (slots_.empty()) return nullptr;
    const size_t hash = HashOf(key);
    for (size_t at = hash & mask(); slots_[at].entry != nullptr; at = (at + 1) & mask()) {
      if (slots_[at].hash == hash && slots_[at].entry->key == key) return slots_[at].entry.get();
    }
    return nullptr;
  }

  /// Begins to bring near what Find reads first. No effect but on time.
  void Prefetch(std::string_view key) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[HashOf(key) & mask()]);
  }

  /// Its key must not be there.
  Entry& Insert(std::unique_ptr<Entry> entry) {
    if (2 * (size_ + 1) > slots_.size()) Grow();
    ++size_;
    const size_t hash = HashOf(entry->key);
    return *Place({hash, std::move(entry)}).entry;
  }

  /// It must be there.
  void Erase(const Entry& entry) {
    size_t gap = HashOf(entry.key) & mask();
    while (slots_[gap].entry.get() != &entry) gap = (gap + 1) & mask();
    slots_[gap].entry.reset();
    --size_;
    // What has been pushed on by what was in the gap, or before it, moves up.
    for (size_t at = (gap + 1) & mask(); slots_[at].entry != nullptr; at = (at + 1) & mask()) {
      const size_t pushed_by = (at - slots_[at].hash) & mask();
      if (pushed_by < ((at - gap) & mask())) continue;
      slots_[gap] = std::move(slots_[at]);
      gap = at;
    }
  }

 private:
  struct Slot {
    size_t hash = 0;
    std::unique_ptr<Entry> entry;  // null: free
  };

  static size_t HashOf(std::string_view key) { return std::hash<std::string_view>()(key); }
  size_t mask() const { return slots_.size() - 1; }

  Slot& Place(Slot slot) {
    size_t at = slot.hash & mask();
    while (slots_[at].entry != nullptr) at = (at + 1) & mask();
    return slots_[at] = std::move(slot);
  }

  void Grow() {
    constexpr size_t kLeast = 16;
    std::vector<Slot> before(slots_.empty() ? kLeast : 2 * slots_.size());
    before.swap(slots_);
    for (Slot& slot : before) {
      if (slot.entry != nullptr) Place(std::move(slot));
    }
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace catwalk::state
