#include "operators/explain.h"

#include <algorithm>
#include <utility>

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

/// The user's latest interaction with a design.
const models::Interaction* LatestWith(const UserState& user, models::DesignKey design) {
  const auto found = std::find_if(user.history.rbegin(), user.history.rend(),
                                  [design](const auto& interaction) { return interaction.design == design; });
  return found == user.history.rend() ? nullptr : &*found;
}

constexpr models::Feature kPersonal[] = {models::kNeighbourhood, models::kLongNeighbourhood, models::kProfileDemand, models::kSegmentDemand,
                                         models::kFoldIn,        models::kReturn};

/// The feature that speaks most for a design in the eyes of this user; kRecentDemand if none of the user's own does. What a user does
/// less than others may count for a design too, but is no reason that can be given.
int StrongestFeature(const models::FeatureVector& weights, const models::FeatureVector& features) {
  int strongest = models::kRecentDemand;
  float largest = 0;
  const auto consider = [&](int feature) {
    const auto at = static_cast<size_t>(feature);
    if (features[at] <= 0 || weights[at] * features[at] <= largest) return;
    largest = weights[at] * features[at];
    strongest = feature;
  };
  for (const models::Feature feature : kPersonal) consider(feature);
  for (int a = 0; a < models::kAttributes; ++a) consider(models::kAffinity + a);
  return strongest;
}

std::string OftenChosen(const models::DesignTable& table, int row, int attribute) {
  const std::string_view name = models::NameOf(static_cast<models::Feature>(models::kAffinity + attribute));
  const auto* entry = table.Catalogue(row);
  if (entry == nullptr) return "popular now";
  return "because you often choose " + std::string(name.substr(std::string_view("affinity_").size())) + " " +
         models::AttributeOf(*entry, attribute);
}

std::vector<int32_t> RowsOf(const ExplainedList& explained) {
  std::vector<int32_t> rows;
  for (const auto& scored : explained.list) rows.push_back(scored.row);
  return rows;
}

}  // namespace

Reasoning::Reasoning(const UserOptions& options, int k) : fold_in_(options.fold_in, k) {}

std::vector<std::vector<std::string>> Reasoning::For(const ExplainedList& explained) {
  std::vector<std::vector<std::string>> reasons;
  shares_.reset();
  strongest_links_.clear();
  const auto weights = explained.table.blend().For(explained.cohort);
  for (size_t i = 0; i < explained.list.size(); ++i) {
    const int plain = explained.uncertainty != nullptr ? models::kFoldIn : models::kRecentDemand;
    const int feature = explained.features.empty() ? plain : StrongestFeature(weights, explained.features[i]);
    reasons.emplace_back();
    if (std::string reason = Reason(explained, i, feature); !reason.empty()) reasons.back().push_back(std::move(reason));
  }
  return reasons;
}

std::string Reasoning::Reason(const ExplainedList& explained, size_t entry, int feature) {
  const int row = explained.list[entry].row;
  const models::DesignKey design = explained.table.KeyOfRow(row);
  switch (feature) {
    case models::kRecentDemand: return "popular now";
    case models::kProfileDemand: return "wanted by people like you";
    case models::kSegmentDemand: return "wanted by people of your taste";
    case models::kNeighbourhood:
    case models::kLongNeighbourhood: return BecauseOfLink(explained, entry, static_cast<models::Feature>(feature));
    case models::kReturn: return BecauseOf(explained, design);
    case models::kFoldIn: return BecauseOfShare(explained, entry);
    default: return OftenChosen(explained.table, row, feature - models::kAffinity);
  }
}

std::string Reasoning::BecauseOf(const ExplainedList& explained, models::DesignKey design) const {
  const models::Interaction* const interaction = LatestWith(explained.user, design);
  return interaction == nullptr ? "" : Because(explained.table, *interaction);
}

std::string Reasoning::BecauseOfLink(const ExplainedList& explained, size_t entry, models::Feature neighbourhood) {
  auto& links = strongest_links_[neighbourhood];
  if (links.empty()) {
    models::RankingQuery query;
    query.history = explained.user.history;
    query.time_ms = explained.at_ms;
    links = models::StrongestLinks(explained.table, query, neighbourhood, RowsOf(explained));
  }
  return BecauseOf(explained, links[entry]);
}

/// The interaction with the largest share of the fold-in's score.
std::string Reasoning::BecauseOfShare(const ExplainedList& explained, size_t entry) {
  if (explained.uncertainty == nullptr) return "";
  if (!shares_.has_value()) {
    const auto scored_by = explained.features.empty() ? models::ScoredBy::kOwnFactor : models::ScoredBy::kShrunkFactor;
    fold_in_.LargestShares(explained.table, explained.user.history, explained.at_ms, explained.uncertainty, RowsOf(explained), scored_by,
                           &shares_.emplace());
  }
  const int share = (*shares_)[entry];
  return share < 0 ? "" : Because(explained.table, explained.user.history[static_cast<size_t>(share)]);
}

Status Explain::Open(OperatorContext& context) {
  reasoning_ = std::make_unique<Reasoning>(options_, context.tables().k());
  return Status::Ok();
}

Status Explain::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch) {
    if (work.done || work.list.empty()) continue;
    const auto cohort = models::CohortOf(context.tables().segments(), work.user->history.size(), work.vector_after);
    models::Uncertainty* const uncertainty = work.known_after ? &work.uncertainty : nullptr;
    work.reasons = reasoning_->For({context.tables(), *work.user, uncertainty, cohort, work.at_ms, work.list, work.list_features});
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
