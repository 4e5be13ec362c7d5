#include "serve/http_probe.h"

namespace catwalk::serve {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                       0.05,   0.1,   0.25,   0.5,   1,    5};

}  // namespace

HttpProbe::HttpProbe(const std::vector<Route>& routes, prometheus::Registry* registry)
    : requests_(prometheus::BuildCounter()
                    .Name("catwalk_http_requests_total")
                    .Help("HTTP requests answered, by route and status.")
                    .Register(*registry)),
      seconds_(prometheus::BuildHistogram()
                   .Name("catwalk_http_request_duration_seconds")
                   .Help("From the last byte of a request until its response is on its way, by route.")
                   .Register(*registry)),
      connections_(prometheus::BuildGauge()
                       .Name("catwalk_http_connections")
                       .Help("HTTP connections that are open.")
                       .Register(*registry)
                       .Add({})),
      refused_connections_(prometheus::BuildCounter()
                               .Name("catwalk_http_connections_refused_total")
                               .Help("HTTP connections closed at once because too many were open.")
                               .Register(*registry)
                               .Add({})) {
  for (const Route& route : routes) routes_.push_back(MakeRoute(route.pattern));
  routes_.push_back(MakeRoute("none"));
}

HttpProbe::PerRoute HttpProbe::MakeRoute(const std::string& name) {
  return {name, &seconds_.Add({{"route", name}}, kSeconds), {}};
}

void HttpProbe::CountRequest(const Route* route, int status, double seconds) {
  PerRoute& per_route = route != nullptr ? routes_[route->index] : routes_.back();
  prometheus::Counter*& counter = per_route.by_status[status];
  if (counter == nullptr) {
    counter = &requests_.Add({{"route", per_route.name}, {"status", std::to_string(status)}});
  }
  counter->Increment();
  per_route.seconds->Observe(seconds);
}

}  // namespace catwalk::serve
