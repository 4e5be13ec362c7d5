#pragma once

#include <string>

namespace catwalk::state {

/// A store as an operator declares it, before anything runs.
struct StoreSpec {
  std::string name;      // unique within the sub-topology, [a-z0-9-]+
  bool changelog = true; // false: rebuilt from elsewhere, not restored
};

}  // namespace catwalk::state
