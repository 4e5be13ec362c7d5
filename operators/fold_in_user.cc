#include "operators/fold_in_user.h"

namespace catwalk::operators {

Status FoldInUser::Open(OperatorContext& context) {
  fold_in_ = std::make_unique<models::FoldIn>(options_.fold_in, context.tables().k());
  return Status::Ok();
}

Status FoldInUser::Process(std::span<UserWork> batch, OperatorContext& context) {
  const bool explores = options_.list_maker == ListMaker::kBlend && options_.ranking.exploration > 0;
  const bool is_asked_for_more = explores || options_.reasons;
  for (auto& work : batch) {
    if (work.done || (!work.wants_list && work.weight == 0)) continue;  // nobody would see the vectors
    // The entry before the last is where "before" ends; without a new interaction the vectors are the same.
    const auto vectors = fold_in_->Solve(context.tables(), work.user->history, work.at_ms);
    const auto& before = work.added ? vectors.before : vectors.after;
    work.known_before = work.added ? vectors.known_before : vectors.known_after;
    work.known_after = vectors.known_after;
    work.vector_before.assign(before.begin(), before.end());
    work.vector_after.assign(vectors.after.begin(), vectors.after.end());
    if (is_asked_for_more && work.wants_list && work.known_after) fold_in_->TakeUncertainty(&work.uncertainty);
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
