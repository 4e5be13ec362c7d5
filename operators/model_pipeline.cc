#include "operators/model_pipeline.h"

#include <vector>

#include "operators/chain.h"
#include "operators/learn_blend.h"
#include "operators/learn_fit.h"
#include "operators/learn_segments.h"
#include "operators/merge_windows.h"
#include "operators/model_decode.h"

namespace catwalk::operators {

std::unique_ptr<Pipeline> MakeModelPipeline(const ModelOptions& options) {
  std::vector<std::unique_ptr<Operator<ModelWork>>> steps;
  steps.push_back(std::make_unique<ModelDecode>());
  steps.push_back(std::make_unique<MergeWindows>(options));
  steps.push_back(std::make_unique<LearnBlend>(options));
  steps.push_back(std::make_unique<LearnSegments>(options));
  steps.push_back(std::make_unique<LearnFit>(options));
  return std::make_unique<Chain<ModelWork>>(std::move(steps));
}

}  // namespace catwalk::operators
