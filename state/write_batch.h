#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace catwalk::state {

/// Changes to any number of stores that take effect together or not at all, in the order given. Keys and values are
/// copied into one buffer, so a batch costs no allocation per change. Not thread-safe.
class WriteBatch {
 public:
  void Put(uint32_t store, std::string_view key, std::string_view value);
  /// It is not an error if the key does not exist.
  void Delete(uint32_t store, std::string_view key);
  /// Deletes all keys in [begin, end); none if `begin` >= `end`, so an empty `end` is not "to the last" as in Scan.
  void DeleteRange(uint32_t store, std::string_view begin, std::string_view end);

  void Clear();
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  size_t bytes() const { return buffer_.size(); }
  /// One more than the highest number of a store in it; 0 if empty.
  uint32_t stores() const { return stores_; }

  /// Receives the changes of a batch in order.
  class Visitor {
   public:
    virtual ~Visitor() = default;
    virtual void Put(uint32_t store, std::string_view key, std::string_view value) = 0;
    virtual void Delete(uint32_t store, std::string_view key) = 0;
    virtual void DeleteRange(uint32_t store, std::string_view begin, std::string_view end) = 0;
  };
  void Visit(Visitor& visitor) const;

 private:
  void Append(uint8_t op, uint32_t store, std::string_view key, std::string_view value);

  std::string buffer_;
  size_t count_ = 0;
  uint32_t stores_ = 0;
};

}  // namespace catwalk::state
