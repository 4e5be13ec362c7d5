#include "serve/listen_address.h"

#include <charconv>
#include <system_error>

namespace catwalk::serve {

Result<ListenAddress> ListenAddress::Parse(std::string_view text) {
  const Status wrong(Code::kInvalidArgument,
                     "\"" + std::string(text) + "\" is no address to listen on; give HOST:PORT, as in 127.0.0.1:8080");
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong;
  }
  ListenAddress address{host.empty() ? "0.0.0.0" : std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size()) return wrong;
  return address;
}

std::string ListenAddress::ToString() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace catwalk::serve
