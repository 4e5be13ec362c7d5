#pragma once

#include <memory>

#include "state/database.h"

namespace catwalk::state {

/// A Database in memory, gone with the process.
std::unique_ptr<Database> MakeMemoryDatabase();

}  // namespace catwalk::state
