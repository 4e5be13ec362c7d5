#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk replay FILE`
void AddReplayCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
