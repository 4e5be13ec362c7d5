#pragma once

#include <memory>

#include "base/clock.h"
#include "operators/user_options.h"
#include "serve/interfaces.h"
#include "state/database.h"
#include "streams/log.h"
#include "streams/runner.h"
#include "streams/topology.h"

namespace catwalk::apps {

/// Answers questions from committed state and the global tables at hand; for users of other processes, says which.
std::unique_ptr<serve::Queries> MakeQueries(const streams::Runner& runner, const state::Database& database,
                                            streams::Log& log, const Clock& clock, const streams::Topology& topology,
                                            const operators::UserOptions& options);

/// Ready when the runner is.
std::unique_ptr<serve::Health> MakeHealth(const streams::Runner& runner);

/// Appends to the log's topics.
Result<std::unique_ptr<serve::EventSink>> MakeEventSink(streams::Log& log);

}  // namespace catwalk::apps
