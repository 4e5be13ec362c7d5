#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace catwalk::serve {

/// A plain blocking TCP connection to 127.0.0.1 that gives up after ten seconds.
class Client {
 public:
  explicit Client(uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// False if the other side has closed.
  bool Send(std::string_view bytes);
  /// The next response, head and body by its Content-Length; what came if the other side closes or time runs out.
  /// `head_only`: a body will not follow.
  std::string Receive(bool head_only = false);
  /// True if the other side closes without another byte.
  bool AwaitClose();
  /// Sends a GET and receives.
  std::string Get(const std::string& target);

 private:
  bool ReadMore();
  int socket_ = -1;
  std::string buffer_;
};

/// The status of a response as received; 0 if it is none.
int StatusOf(const std::string& response);

}  // namespace catwalk::serve
