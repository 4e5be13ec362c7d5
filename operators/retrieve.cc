#include "operators/retrieve.h"

namespace catwalk::operators {

Status Retrieve::Open(OperatorContext& context) {
  retrieval_ = std::make_unique<models::Retrieval>(context.tables().k());
  return Status::Ok();
}

Status Retrieve::Process(std::span<UserWork> batch, OperatorContext& context) {
  wanting_.clear();
  queries_.clear();
  for (auto& work : batch) {
    if (work.done || !work.wants_list) continue;
    wanting_.push_back(&work);
    queries_.push_back({work.vector_after, work.excluded_rows, work.at_ms, work.known_after});
  }
  if (results_.size() < queries_.size()) results_.resize(queries_.size());
  retrieval_->Run(context.tables(), queries_, options_.list_size, {results_.data(), queries_.size()});
  for (size_t i = 0; i < wanting_.size(); ++i) wanting_[i]->list.swap(results_[i]);
  return Status::Ok();
}

}  // namespace catwalk::operators
