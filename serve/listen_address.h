#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk::serve {

/// Where to listen.
struct ListenAddress {
  std::string host = "127.0.0.1";  // a name or an IP address, IPv6 without brackets
  uint16_t port = 8080;            // 0: a free one

  /// HOST:PORT, [IPV6]:PORT, or :PORT for all of this machine's IPv4 addresses. kInvalidArgument if it is none of them.
  static Result<ListenAddress> Parse(std::string_view text);
  /// The inverse.
  std::string ToString() const;
};

}  // namespace catwalk::serve
