#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk::state {

/// An ordered map from bytes to bytes, read side: always the committed state, from any thread.
/// Writes go through Database::Write.
class KeyValueStore {
 public:
  virtual ~KeyValueStore() = default;

  /// True and `*value` if the key exists; false if it does not, which is no error.
  virtual Result<bool> Get(std::string_view key, std::string* value) const = 0;

  /// Calls `visit` for every key in [begin, end) in byte order (empty `end`: to the last), over one consistent
  /// snapshot, until it returns false. The views are valid during the call only.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Status Scan(std::string_view begin, std::string_view end, const Visit& visit) const = 0;

  /// The last key in [begin, end), if any: true and `*key`, `*value`.
  virtual Result<bool> Last(std::string_view begin, std::string_view end, std::string* key,
                            std::string* value) const = 0;
};

}  // namespace catwalk::state
