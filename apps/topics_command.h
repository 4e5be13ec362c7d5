#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk topics`
void AddTopicsCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
