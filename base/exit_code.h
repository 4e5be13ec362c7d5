#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/status.h"

namespace catwalk {

/// One row of the table of exit codes. Scripts rely on the numbers: a number once given never changes its meaning.
struct ExitCodeRow {
  Code code;
  int exit_code;
  std::string_view meaning;
};

/// What the program exits with, by the code of the error that ended it.
inline constexpr std::array kExitCodes{
    ExitCodeRow{Code::kOk, 0, "done"},
    ExitCodeRow{Code::kInternal, 1, "a bug, or a library's unexpected answer"},
    ExitCodeRow{Code::kInvalidArgument, 2, "wrong usage or unusable input"},
    ExitCodeRow{Code::kInvalidConfig, 3, "a configuration file, variable or flag is wrong"},
    ExitCodeRow{Code::kUnavailable, 4, "the broker or an address cannot be reached"},
    ExitCodeRow{Code::kTopicMismatch, 5, "topics are not as the topology needs them"},
    ExitCodeRow{Code::kLocked, 6, "another process holds the state folder"},
    ExitCodeRow{Code::kIncompatible, 7, "the state folder has another format"},
    ExitCodeRow{Code::kNoSpace, 8, "the disk is full"},
    ExitCodeRow{Code::kAddressInUse, 9, "the port is taken"},
    ExitCodeRow{Code::kFenced, 10, "another process has taken over this identity"},
    ExitCodeRow{Code::kCorruption, 11, "stored data is damaged"},
    ExitCodeRow{Code::kUnsupported, 12, "the broker is too old for what was asked"},
    ExitCodeRow{Code::kTimeout, 13, "a bounded wait ran out"},
    ExitCodeRow{Code::kBackpressure, 14, "too much is in flight"},
    ExitCodeRow{Code::kNotFound, 15, "a file, topic or key does not exist"},
    ExitCodeRow{Code::kIdentityHeld, 16, "another process keeps this identity"},
};

/// The exit code of an error.
constexpr int ExitCode(Code code) {
  const auto* row = std::ranges::find(kExitCodes, code, &ExitCodeRow::code);
  return row == kExitCodes.end() ? 1 : row->exit_code;
}

}  // namespace catwalk
