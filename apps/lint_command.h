#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk lint FILE`
void AddLintCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
