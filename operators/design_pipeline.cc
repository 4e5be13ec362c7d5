#include "operators/design_pipeline.h"

#include <vector>

#include "operators/chain.h"
#include "operators/count_windows.h"
#include "operators/design_decode.h"
#include "operators/update_factor.h"
#include "operators/update_neighbours.h"

namespace catwalk::operators {

std::unique_ptr<Pipeline> MakeDesignPipeline(const DesignOptions& options) {
  std::vector<std::unique_ptr<Operator<DesignWork>>> steps;
  steps.push_back(std::make_unique<DesignDecode>());
  steps.push_back(std::make_unique<UpdateFactor>(options));
  steps.push_back(std::make_unique<UpdateNeighbours>(options));
  steps.push_back(std::make_unique<CountWindows>());
  return std::make_unique<Chain<DesignWork>>(std::move(steps));
}

}  // namespace catwalk::operators
