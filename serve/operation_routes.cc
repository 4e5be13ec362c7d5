#include "serve/operation_routes.h"

#include <prometheus/text_serializer.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace catwalk::serve {
namespace {

Response Ready(const Readiness& readiness) {
  if (readiness.ready) return {.body = "{\"ready\":true}\n", .headers = {}};
  const boost::json::object body{{"ready", false}, {"error", readiness.reason}};
  return {.status = 503, .body = boost::json::serialize(body) + "\n", .headers = {}};
}

}  // namespace

void AddOperationRoutes(Router* router, Health& health, const prometheus::Registry& registry) {
  router->Add(Method::kGet, "/live", Runs::kOnNetworkThread, [](const Request&, const Answer& answer) {
    answer({.body = "{\"live\":true}\n", .headers = {}});
  });
  router->Add(Method::kGet, "/ready", Runs::kOnNetworkThread,
              [&health](const Request&, const Answer& answer) { answer(Ready(health.Ready())); });
  router->Add(Method::kGet, "/metrics", Runs::kOnWorker, [&registry](const Request&, const Answer& answer) {
    answer({.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = prometheus::TextSerializer().Serialize(registry.Collect()),
            .headers = {}});
  });
}

}  // namespace catwalk::serve
