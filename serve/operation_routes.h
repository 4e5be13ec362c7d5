#pragma once

#include <prometheus/registry.h>

#include "serve/interfaces.h"
#include "serve/router.h"

namespace catwalk::serve {

/// GET /live: 200 as long as the process answers. GET /ready: 200, or 503 with what is missing. GET /metrics: all that
/// is in the registry, in the Prometheus text format. Both references must outlive the router.
void AddOperationRoutes(Router* router, Health& health, const prometheus::Registry& registry);

}  // namespace catwalk::serve
