#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk::serve {

struct HttpResponse {
  int status = 0;
  std::string body;
};

/// A small blocking HTTP/1.1 client with one kept-alive connection, for programs that send events to a running Catwalk.
/// One thread at a time.
class HttpClient {
 public:
  /// Connects to "http://HOST[:PORT]" (port 80 if none is given). `timeout` bounds every step: connecting, sending,
  /// waiting for an answer. kInvalidArgument for another kind of URL, kUnavailable if nothing answers there.
  static Result<std::unique_ptr<HttpClient>> Connect(const std::string& url,
                                                     std::chrono::milliseconds timeout = std::chrono::seconds(30));
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Posts a body and waits for the answer, whatever its status. A connection that the server closed in the meantime is
  /// made anew and the request sent again, so it must be one that may arrive twice. kUnavailable, kTimeout (retryable).
  Result<HttpResponse> Post(const std::string& target, const std::string& content_type, std::string_view body);

 private:
  struct Connection;
  HttpClient(std::string host, std::string port, std::chrono::milliseconds timeout);
  Status Open();
  Status Failed(const std::string& step, const std::string& why, bool timed_out) const;

  std::string host_;
  std::string port_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<Connection> connection_;  // null: closed
};

}  // namespace catwalk::serve
