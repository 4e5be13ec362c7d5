#include "base/status.h"

#include <array>

namespace catwalk {

std::string_view CodeName(Code code) {
  static constexpr std::array<std::string_view, 17> kNames = {
      "ok",           "invalid_argument", "invalid_config", "not_found", "unavailable", "unsupported", "topic_mismatch", "locked",
      "incompatible", "corruption",       "no_space",       "address_in_use", "fenced",   "identity_held", "timeout",
      "backpressure", "internal"};
  return kNames.at(static_cast<size_t>(code));
}

Status Status::WithPrefix(std::string_view prefix) const {
  if (ok()) return *this;
  return {code_, std::string(prefix) + ": " + message_, recovery_};
}

std::ostream& operator<<(std::ostream& out, const Status& status) {
  out << CodeName(status.code());
  if (!status.ok()) out << ": " << status.message();
  return out;
}

}  // namespace catwalk
