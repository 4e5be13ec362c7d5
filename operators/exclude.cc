#include "operators/exclude.h"

namespace catwalk::operators {

void ExcludedRows(const UserState& user, const models::DesignTable& table, std::vector<int32_t>* rows) {
  const auto exclude = [&](models::DesignKey design) {
    if (const int row = table.RowOf(design); row >= 0) rows->push_back(row);
  };
  for (const auto design : user.bought) exclude(design);
  for (const auto& interaction : user.history) {
    if (models::IsAcquisition(interaction.kind)) exclude(interaction.design);
  }
}

void SeenRows(const UserState& user, const models::DesignTable& table, std::vector<int32_t>* rows) {
  for (const auto& interaction : user.history) {
    if (const int row = table.RowOf(interaction.design); row >= 0) rows->push_back(row);
  }
}

Status Exclude::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch) {
    if (!work.done && (work.wants_list || work.added)) ExcludedRows(*work.user, context.tables(), &work.excluded_rows);
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
