#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/message.h"

namespace catwalk::serve {

/// Takes the response to one request; from any thread, once (later calls are ignored). If every copy goes without a
/// call, the client gets 500.
using Answer = std::function<void(Response)>;

/// What a route does with its requests, each with its own Answer, now or later.
using Handler = std::function<void(const Request&, Answer)>;

/// Where a handler is called. Whatever may block or takes more than some microseconds belongs on a worker.
enum class Runs { kOnNetworkThread, kOnWorker };

struct Route {
  Method method = Method::kGet;
  std::string pattern;  // also its name in metrics
  Runs runs = Runs::kOnNetworkThread;
  Handler handler;
  std::vector<std::string> segments;
  size_t index = 0;  // in the order added
};

/// From a request to its route. Pure: knows nothing of sockets. Routes are added first, then it only reads.
class Router {
 public:
  /// `pattern`: "/v1/users/{id}/recommendations"; a name in braces matches one segment that is not empty.
  void Add(Method method, std::string pattern, Runs runs, Handler handler);

  struct Match {
    const Route* route = nullptr;  // null: nothing fits
    Response refusal;              // then 404, 405 or 400 (an escape that is none)
  };
  /// Finds the route and fills in the request's path and query.
  Match Find(Request* request) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace catwalk::serve
