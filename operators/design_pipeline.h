#pragma once

#include <memory>

#include "operators/design_options.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// decode > factor > neighbours > partial windows.
std::unique_ptr<Pipeline> MakeDesignPipeline(const DesignOptions& options);

}  // namespace catwalk::operators
