#pragma once

#include <functional>

#include "base/status.h"

namespace CLI {
class App;
}

namespace catwalk::apps {

/// What a command does once its flags are read: the exit code, or the error that becomes one line and one.
using Action = std::function<Result<int>()>;

/// Adds a command to the program; when it is the one typed, it puts what is to be done into `chosen`, which outlives
/// the program.
using AddCommand = void(CLI::App& program, Action* chosen);

/// Input that breaks rules, where finding them is the command's purpose (lint).
inline constexpr int kExitViolations = 1;
/// As a shell counts an end by SIGINT.
inline constexpr int kExitInterrupted = 130;

}  // namespace catwalk::apps
