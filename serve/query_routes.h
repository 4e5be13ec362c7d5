#pragma once

#include "serve/interfaces.h"
#include "serve/router.h"

namespace catwalk::serve {

struct QueryRouteOptions {
  /// The length of a list for who does not say. Default: 10.
  int default_count = 10;
  /// The longest list anyone can ask for. Default: 100.
  int max_count = 100;
};

/// GET /v1/users/{id}/recommendations?k=10: a Recommendation, also for a user never seen; 307 to the owner's address if
/// another process owns the user. GET /v1/designs/{id}: what is known of a design, or 404.
/// `queries` must outlive the router.
void AddQueryRoutes(Router* router, Queries& queries, const QueryRouteOptions& options = {});

}  // namespace catwalk::serve
