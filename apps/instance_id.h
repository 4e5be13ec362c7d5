#pragma once

#include <string>

#include "base/status.h"

namespace catwalk::apps {

/// Who this process is across restarts: `configured`, or what the state folder remembers, or (once) a new random name that
/// it will remember.
Result<std::string> InstanceId(const std::string& configured, const std::string& state_dir);

}  // namespace catwalk::apps
