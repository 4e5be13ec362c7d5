#include "operators/give_sizes.h"

#include "operators/user_fit.h"

namespace catwalk::operators {
namespace {

GivenSize SizeOf(const models::DesignTable& table, const models::UserFit& fit, int row) {
  const auto offered = table.SizesOf(row);
  const auto chosen = models::ChooseSize(table.fit_model(), fit, table.FitOf(row), offered);
  return chosen ? GivenSize{offered[chosen->index].text, chosen->probability} : GivenSize{};
}

}  // namespace

std::vector<GivenSize> SizesFor(const models::DesignTable& table, const UserState& user, std::span<const models::Scored> list) {
  std::vector<GivenSize> sizes;
  const models::UserFit fit = UserFitOf(table, user);
  if (!fit.TellsSize()) return sizes;
  sizes.reserve(list.size());
  for (const auto& scored : list) sizes.push_back(SizeOf(table, fit, scored.row));
  return sizes;
}

Status GiveSizes::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch)
    if (!work.done && work.wants_list) work.sizes = SizesFor(context.tables(), *work.user, work.list);
  return Status::Ok();
}

}  // namespace catwalk::operators
