#pragma once

#include "base/clock.h"
#include "schemas/topics.h"
#include "serve/group_sync.h"
#include "serve/interfaces.h"
#include "serve/router.h"

namespace catwalk::serve {

/// POST /v1/events/{topic}: takes one JSON event, or several as JSON lines, all or none, and answers 202
/// {"accepted": n} when they are durable. A bad event gives 400 {"error", "rule", "line"}, too many in flight 429, a
/// sink that fails 503. {topic} is an input topic by its name or its default name. `sink` and `clock` must outlive the
/// router.
void AddEventRoutes(Router* router, EventSink& sink, const schemas::TopicNames& names, const Clock& clock,
                    const GroupSyncOptions& options = {});

}  // namespace catwalk::serve
