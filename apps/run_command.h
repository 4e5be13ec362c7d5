#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk run`
void AddRunCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
