#include "state/write_batch.h"

#include <algorithm>
#include <cstring>

namespace catwalk::state {
namespace {

enum Op : uint8_t { kPut, kDelete, kDeleteRange };

/// What precedes the key and the value (or the end of the range) of each change in the buffer.
struct Header {
  uint32_t store;
  uint32_t key_size;
  uint32_t value_size;
  uint32_t op;
};

}  // namespace

void WriteBatch::Put(uint32_t store, std::string_view key, std::string_view value) { Append(kPut, store, key, value); }

void WriteBatch::Delete(uint32_t store, std::string_view key) { Append(kDelete, store, key, {}); }

void WriteBatch::DeleteRange(uint32_t store, std::string_view begin, std::string_view end) {
  if (begin < end) Append(kDeleteRange, store, begin, end);
}

void WriteBatch::Clear() {
  buffer_.clear();
  count_ = 0;
  stores_ = 0;
}

void WriteBatch::Append(uint8_t op, uint32_t store, std::string_view key, std::string_view value) {
  const Header header{store, static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size()), op};
  buffer_.append(reinterpret_cast<const char*>(&header), sizeof(header)).append(key).append(value);
  stores_ = std::max(stores_, store + 1);
  ++count_;
}

void WriteBatch::Visit(Visitor& visitor) const {
  for (const char* at = buffer_.data(); at != buffer_.data() + buffer_.size();) {
    Header header;
    std::memcpy(&header, at, sizeof(header));
    const std::string_view key(at + sizeof(header), header.key_size);
    const std::string_view value(key.data() + key.size(), header.value_size);
    at = value.data() + value.size();
    switch (header.op) {
      case kPut: visitor.Put(header.store, key, value); break;
      case kDelete: visitor.Delete(header.store, key); break;
      default: visitor.DeleteRange(header.store, key, value);
    }
  }
}

}  // namespace catwalk::state
