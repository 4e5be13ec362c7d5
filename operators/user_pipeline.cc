#include "operators/user_pipeline.h"

#include "operators/chain.h"
#include "operators/compare.h"
#include "operators/count_events.h"
#include "operators/decode_events.h"
#include "operators/deduplicate.h"
#include "operators/echo_history.h"
#include "operators/emit_recommendations.h"
#include "operators/exclude.h"
#include "operators/explain.h"
#include "operators/fold_in_user.h"
#include "operators/give_sizes.h"
#include "operators/impute_and_standardise.h"
#include "operators/rank.h"
#include "operators/retrieve.h"
#include "operators/track_fit.h"
#include "operators/update_profile.h"
#include "operators/validate_events.h"

namespace catwalk::operators {

namespace {

using Steps = std::vector<std::unique_ptr<Operator<UserWork>>>;

void AddListMaking(const UserOptions& options, Steps* steps) {
  if (options.list_maker == ListMaker::kLatest) {
    steps->push_back(std::make_unique<EchoHistory>(options));
    return;
  }
  const bool blend = options.list_maker == ListMaker::kBlend;
  if (blend) steps->push_back(std::make_unique<CountEvents>());
  steps->push_back(std::make_unique<FoldInUser>(options));
  steps->push_back(std::make_unique<Exclude>());
  if (blend) {
    const auto designs = std::make_shared<models::DesignFeatures>();
    if (options.design_updates) steps->push_back(std::make_unique<Compare>(options, designs));
    steps->push_back(std::make_unique<Rank>(options, designs));
  } else {
    steps->push_back(std::make_unique<Retrieve>(options));
  }
  if (options.reasons) steps->push_back(std::make_unique<Explain>(options));
  steps->push_back(std::make_unique<GiveSizes>());
}

}  // namespace

std::unique_ptr<Pipeline> MakeUserPipeline(const schemas::TopicNames& names, const UserOptions& options) {
  Steps steps;
  steps.push_back(std::make_unique<DecodeEvents>(names));
  steps.push_back(std::make_unique<ValidateEvents>());
  steps.push_back(std::make_unique<Deduplicate>(options));
  steps.push_back(std::make_unique<ImputeAndStandardise>());
  steps.push_back(std::make_unique<UpdateProfile>(options));
  if (options.list_maker != ListMaker::kLatest) steps.push_back(std::make_unique<TrackFit>());
  AddListMaking(options, &steps);
  steps.push_back(std::make_unique<EmitRecommendations>(options));
  return std::make_unique<Chain<UserWork>>(std::move(steps));
}

}  // namespace catwalk::operators
