#include "operators/explain.h"

namespace catwalk::operators {
namespace {

std::string_view Verb(models::InteractionKind kind) {
  using models::InteractionKind;
  switch (kind) {
    case InteractionKind::kClick: return "clicked";
    case InteractionKind::kView: return "viewed";
    case InteractionKind::kDwell: return "looked at";
    case InteractionKind::kWishlist: return "wished for";
    case InteractionKind::kCart: return "put in your cart";
    case InteractionKind::kShare: return "shared";
    case InteractionKind::kTryOn: return "tried on";
    case InteractionKind::kPurchase: return "bought";
    case InteractionKind::kRental: return "rented";
    case InteractionKind::kReturn: return "returned";
    case InteractionKind::kWear: return "wore";
    case InteractionKind::kFeedback: return "liked";
  }
  return "chose";
}

/// The title if the catalogue has one, else the category and the id.
std::string Naming(const models::DesignTable& table, int row) {
  const auto* entry = table.Catalogue(row);
  if (entry != nullptr && !entry->title.empty()) return entry->title;
  if (entry != nullptr && !entry->category.empty()) return entry->category + " " + table.IdOf(row);
  return table.IdOf(row);
}

std::string Because(const models::DesignTable& table, const models::Interaction& interaction) {
  std::string reason = "because you ";
  reason += Verb(interaction.kind);
  reason += ' ';
  reason += Naming(table, table.RowOf(interaction.design));
  return reason;
}

}  // namespace

std::vector<std::vector<std::string>> Reasons(const models::DesignTable& table, const UserState& user, bool known,
                                              int64_t at_ms, std::span<const models::Scored> list,
                                              models::FoldIn* fold_in) {
  std::vector<std::vector<std::string>> reasons(list.size());
  if (!known) {
    for (auto& reason : reasons) reason.emplace_back("popular now");
    return reasons;
  }
  std::vector<int32_t> rows;
  for (const auto& scored : list) rows.push_back(scored.row);
  std::vector<int> largest;
  fold_in->Solve(table, user.history, at_ms);
  fold_in->LargestShares(table, rows, &largest);
  for (size_t i = 0; i < list.size(); ++i)
    if (largest[i] >= 0) reasons[i].push_back(Because(table, user.history[static_cast<size_t>(largest[i])]));
  return reasons;
}

Status Explain::Open(OperatorContext& context) {
  fold_in_ = std::make_unique<models::FoldIn>(options_.fold_in, context.tables().k());
  return Status::Ok();
}

Status Explain::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch) {
    if (work.done || work.list.empty()) continue;
    work.reasons = Reasons(context.tables(), *work.user, work.known_after, work.at_ms, work.list, fold_in_.get());
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
