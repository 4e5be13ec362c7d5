#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk {

struct LoggingOptions {
  /// The least level that is written: trace, debug, info, warning, error, critical or off. Default: info.
  std::string level = "info";
  /// "text", one readable line per message, coloured on a terminal unless NO_COLOR is set; or "json", one object per
  /// line with time (UTC), level, logger, thread and message. Default: text.
  std::string format = "text";
};

/// Decides what all loggers write to stderr. Call it once, before other threads start: loggers handed out earlier keep
/// writing as they did. kInvalidConfig names the levels or formats there are.
Status SetUpLogging(const LoggingOptions& options);

/// The logger of a folder, made on first use. spdlog keeps it as well, hence shared_ptr. Safe from any thread, but it
/// takes a lock: components keep the pointer. Within catwalk::streams, where Log is a class, write catwalk::Log.
///
/// Nothing per record at info, and never a user id.
std::shared_ptr<spdlog::logger> Log(std::string_view folder);

}  // namespace catwalk
