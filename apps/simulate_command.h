#pragma once

#include "apps/command.h"

namespace catwalk::apps {

/// catwalk simulate: events of a shop whose truth is known, and the best that any recommender could reach on them.
AddCommand AddSimulateCommand;

}  // namespace catwalk::apps
