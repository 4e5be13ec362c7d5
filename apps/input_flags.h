#pragma once

#include "apps/replay/input_choice.h"

namespace CLI {
class App;
}

namespace catwalk::apps {

/// Adds --to, --map and --set, by which replay and lint know how to read a file.
void AddInputFlags(CLI::App* command, InputOptions* options);

}  // namespace catwalk::apps
