#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk {

/// How a stored value of type T becomes bytes and back. Stateless, or at least safe to call from one thread
/// at a time; Decode(Encode(x)) equals x, and equal values encode to equal bytes.
template <class T>
class Serde {
 public:
  virtual ~Serde() = default;
  /// Appends the bytes of `value` to `out`.
  virtual void Encode(const T& value, std::string* out) const = 0;
  /// Replaces `value`. kCorruption if the bytes are not what Encode writes; `value` is then unspecified.
  virtual Status Decode(std::string_view bytes, T* value) const = 0;
};

}  // namespace catwalk
