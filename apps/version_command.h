#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk version`
void AddVersionCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
