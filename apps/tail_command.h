#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk tail TOPIC`
void AddTailCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
