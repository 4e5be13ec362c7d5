#include "operators/rank.h"

namespace catwalk::operators {

Status Rank::Open(OperatorContext& context) {
  ranking_ = std::make_unique<models::Ranking>(context.tables().k(), options_.ranking, designs_);
  return Status::Ok();
}

Status Rank::Process(std::span<UserWork> batch, OperatorContext& context) {
  wanting_.clear();
  queries_.clear();
  for (auto& work : batch) {
    if (work.done || !work.wants_list) continue;
    const UserState& user = *work.user;
    wanting_.push_back(&work);
    queries_.push_back({user.history, user.groups, work.vector_after, work.known_after, work.excluded_rows, work.at_ms, &user.fit, -1,
                        work.known_after ? &work.uncertainty : nullptr});
  }
  if (results_.size() < queries_.size()) results_.resize(queries_.size());
  ranking_->Run(context.tables(), queries_, options_.list_size, {results_.data(), queries_.size()});
  for (size_t i = 0; i < wanting_.size(); ++i) {
    wanting_[i]->list.swap(results_[i].best);
    wanting_[i]->list_features.swap(results_[i].features);
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
