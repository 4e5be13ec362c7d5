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
    const auto after = fold_in_->Solve(context.tables(), work.user->history, work.at_ms);
    work.known_after = after.known;
    work.vector_after.assign(after.values.begin(), after.values.end());
    if (options_.design_updates) {  // of what was before, too
      const auto before = work.added ? fold_in_->WithoutLast() : after;
      work.known_before = before.known;
      work.vector_before.assign(before.values.begin(), before.values.end());
    }
    if (is_asked_for_more && work.wants_list && work.known_after) fold_in_->TakeUncertainty(&work.uncertainty);
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
