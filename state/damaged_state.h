#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk::state {

/// kCorruption with what to do about it. `where`: "the state in DIR"; `what`: how it shows.
inline Status DamagedState(std::string_view where, std::string_view what) {
  return {Code::kCorruption, std::string(where) + " is damaged (" + std::string(what) +
                                 "); put a backup of the state folder in its place, or move the folder away and start "
                                 "again: with a broker, all of it comes back from there"};
}

}  // namespace catwalk::state
