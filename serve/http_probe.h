#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <vector>

#include "serve/router.h"

namespace catwalk::serve {

/// What is measured of the server: requests by route and status, their latency, connections. Built once, its histograms
/// too; a status is looked up the first time a route gives it. One thread; the registry must outlive it.
class HttpProbe {
 public:
  HttpProbe(const std::vector<Route>& routes, prometheus::Registry* registry);

  /// `route`: null for a request that fits none, or could not be read. `seconds`: from the last byte of the request
  /// until the response is on its way.
  void CountRequest(const Route* route, int status, double seconds);
  prometheus::Gauge& connections() { return connections_; }
  prometheus::Counter& refused_connections() { return refused_connections_; }

 private:
  struct PerRoute {
    std::string name;
    prometheus::Histogram* seconds;
    std::map<int, prometheus::Counter*> by_status;
  };
  PerRoute MakeRoute(const std::string& name);

  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Gauge& connections_;
  prometheus::Counter& refused_connections_;
  std::vector<PerRoute> routes_;  // by Route::index; the last one is for no route
};

}  // namespace catwalk::serve
