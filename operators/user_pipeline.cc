#include "operators/user_pipeline.h"

#include "operators/chain.h"
#include "operators/decode_events.h"
#include "operators/deduplicate.h"
#include "operators/echo_history.h"
#include "operators/emit_recommendations.h"
#include "operators/exclude.h"
#include "operators/explain.h"
#include "operators/fold_in_user.h"
#include "operators/impute_and_standardise.h"
#include "operators/retrieve.h"
#include "operators/update_profile.h"
#include "operators/validate_events.h"

namespace catwalk::operators {

std::unique_ptr<Pipeline> MakeUserPipeline(const schemas::TopicNames& names, const UserOptions& options) {
  std::vector<std::unique_ptr<Operator<UserWork>>> steps;
  steps.push_back(std::make_unique<DecodeEvents>(names));
  steps.push_back(std::make_unique<ValidateEvents>());
  steps.push_back(std::make_unique<Deduplicate>(options));
  steps.push_back(std::make_unique<ImputeAndStandardise>());
  steps.push_back(std::make_unique<UpdateProfile>(options));
  if (options.rank) {
    steps.push_back(std::make_unique<FoldInUser>(options));
    steps.push_back(std::make_unique<Exclude>());
    steps.push_back(std::make_unique<Retrieve>(options));
    if (options.reasons) steps.push_back(std::make_unique<Explain>(options));
  } else {
    steps.push_back(std::make_unique<EchoHistory>(options));
  }
  steps.push_back(std::make_unique<EmitRecommendations>(options));
  return std::make_unique<Chain<UserWork>>(std::move(steps));
}

}  // namespace catwalk::operators
