#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "state/write_batch.h"

namespace catwalk::state {

/// What a Table hands to a task at commit and takes back after it. The task sees all its tables alike.
///
/// The order is Flush, then the write, then Committed; or Aborted at any time. Nothing may be changed between a Flush
/// that gave something and its Committed or Aborted.
class CommittableTable {
 public:
  virtual ~CommittableTable() = default;
  virtual const std::string& name() const = 0;
  /// Encodes every changed value once, into `batch` and to `changelog` (null: none) as (key, value; no value: deleted),
  /// in byte order of their keys. The key is the table's, without the partition. What an earlier Flush gave is
  /// not given again.
  using Changelog = std::function<void(std::string_view key, const std::string* value)>;
  virtual void Flush(WriteBatch* batch, const Changelog& changelog) = 0;
  /// The write that Flush fed is in the store.
  virtual void Committed() = 0;
  /// Forgets every change since the last Committed.
  virtual void Aborted() = 0;
  /// Bytes of changed values not yet committed, roughly.
  virtual uint64_t dirty_bytes() const = 0;
};

}  // namespace catwalk::state
