#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk config explain`
void AddConfigCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
