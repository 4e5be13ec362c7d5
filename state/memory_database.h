#pragma once

#include <memory>

#include "state/database.h"

namespace catwalk::state {

/// A Database in memory, gone with the process. Nothing it does fails, and its stats are all 0.
std::unique_ptr<Database> MakeMemoryDatabase();

}  // namespace catwalk::state
