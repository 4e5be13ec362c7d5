#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace catwalk::serve {

enum class Method { kGet, kPost, kOther };  // HEAD is a GET whose body is left out

/// A request as handlers see it; the router fills in `path` and `query`, percent-decoded and valid UTF-8.
struct Request {
  Method method = Method::kGet;
  std::string target;                                    // as sent: path and query
  std::string body;
  std::map<std::string, std::string, std::less<>> path;   // by the names in the route's pattern
  std::map<std::string, std::string, std::less<>> query;  // the first of each name
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // besides type and length
};

/// {"error": what}: what is wrong and what to do, one line.
Response ErrorResponse(int status, std::string_view what);

/// An error of the program as a response: 429 for kBackpressure and 503, both with Retry-After, 404 for kNotFound, 400
/// for kInvalidArgument.
Response ErrorResponse(const Status& status);

}  // namespace catwalk::serve
