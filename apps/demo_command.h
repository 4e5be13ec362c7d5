#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk demo`
void AddDemoCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
