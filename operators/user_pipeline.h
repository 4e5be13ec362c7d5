#pragma once

#include <memory>

#include "operators/operator.h"
#include "operators/user_options.h"
#include "schemas/topics.h"

namespace catwalk::operators {

/// decode > validate > deduplicate > impute and standardise > profile > fold in > exclude > retrieve > explain > emit.
std::unique_ptr<Pipeline> MakeUserPipeline(const schemas::TopicNames& names, const UserOptions& options);

}  // namespace catwalk::operators
