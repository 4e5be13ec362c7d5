#pragma once

#include <memory>

#include "base/clock.h"
#include "operators/user_options.h"
#include "schemas/topics.h"
#include "serve/interfaces.h"
#include "state/database.h"
#include "streams/log.h"
#include "streams/runner.h"

namespace catwalk::apps {

/// Answers questions from committed state and the global tables at hand.
std::unique_ptr<serve::Queries> MakeQueries(const streams::Runner& runner, const state::Database& database,
                                            const Clock& clock, const schemas::TopicNames& names,
                                            const operators::UserOptions& options);

/// Ready when the runner is.
std::unique_ptr<serve::Health> MakeHealth(const streams::Runner& runner);

/// Appends to the log's topics.
Result<std::unique_ptr<serve::EventSink>> MakeEventSink(streams::Log& log);

}  // namespace catwalk::apps
