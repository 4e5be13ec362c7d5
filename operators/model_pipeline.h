#pragma once

#include <memory>

#include "operators/model_options.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// decode > windows > blend > fit.
std::unique_ptr<Pipeline> MakeModelPipeline(const ModelOptions& options);

}  // namespace catwalk::operators
