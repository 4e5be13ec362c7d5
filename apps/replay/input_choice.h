#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "apps/replay/event_input.h"
#include "base/clock.h"
#include "base/status.h"
#include "schemas/topics.h"

namespace catwalk::apps {

/// How a file of events is to be read.
struct InputOptions {
  std::string path;                 // "-": standard input
  std::string to;                   // topic's name; empty: purchases for delimited files, none for JSON lines
  std::vector<std::string> maps;    // --map; any given: a delimited file
  std::vector<std::string> sets;    // --set
  bool dead_letters = false;        // lines of `catwalk tail dead-letters --json`
};

/// Opens a file as what it is: with a map a delimited file, else JSON lines. kInvalidArgument says how the two are told
/// apart when they do not fit the flags. `clock` must outlive it; reading gives up once `stop` is requested.
Result<std::unique_ptr<EventInput>> OpenInput(const InputOptions& options, const schemas::TopicNames& names,
                                              const Clock& clock, std::stop_token stop);

}  // namespace catwalk::apps
