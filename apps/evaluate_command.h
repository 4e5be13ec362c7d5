#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// `catwalk evaluate FILE`
void AddEvaluateCommand(CLI::App& program, Action* chosen);

}  // namespace catwalk::apps
