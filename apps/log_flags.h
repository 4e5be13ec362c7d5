#pragma once

#include <string>

#include "apps/settings.h"
#include "base/status.h"

namespace CLI {
class App;
}

namespace catwalk::apps {

/// The flags by which a command learns where the topics are.
struct LogFlags {
  std::string config_file;
  std::string kafka;
  std::string state_dir;
};

/// Adds -c, --kafka and --state-dir (of the last two only one may be given).
void AddLogFlags(CLI::App* command, LogFlags* flags);

/// Defaults, then the file, the environment and the flags; also sets up logging. kInvalidConfig, kNotFound.
Status LoadSettings(const LogFlags& flags, Settings* settings);

}  // namespace catwalk::apps
