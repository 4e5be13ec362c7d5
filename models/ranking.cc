#include "models/ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "models/diversify.h"

namespace catwalk::models {
namespace {

/// By what the catalogue offers: the sizes that others took need not be all there are.
bool ComesInSizeOf(const DesignTable& table, const RankingQuery& query, int32_t row) {
  const CatalogueEntry* const entry = query.wearer == nullptr ? nullptr : table.Catalogue(row);
  return entry == nullptr || ComesInSize(table.fit_model(), *query.wearer, entry->sizes);
}

}  // namespace

void Ranking::Run(const DesignTable& table, std::span<const RankingQuery> queries, int count,
                  std::span<RankedList> results) {
  retrieval_queries_.clear();
  for (const RankingQuery& query : queries)
    if (query.known) retrieval_queries_.push_back({query.vector, query.excluded_rows, query.time_ms, true});
  if (by_product_.size() < retrieval_queries_.size()) by_product_.resize(retrieval_queries_.size());
  retrieval_.Run(table, retrieval_queries_, kPerSignal, {by_product_.data(), retrieval_queries_.size()});
  size_t known = 0;
  for (size_t i = 0; i < queries.size(); ++i) {
    const std::span<const Scored> by_product = queries[i].known ? std::span<const Scored>(by_product_[known++]) : std::span<const Scored>();
    RunOne(table, queries[i], by_product, count, &results[i]);
  }
}

void Ranking::RunOne(const DesignTable& table, const RankingQuery& query, std::span<const Scored> by_product, int count,
                     RankedList* result) {
  features_.Begin(table, query);
  Gather(table, query, by_product, count);
  result->best.clear();
  result->features.clear();
  const bool asked = query.only_with >= 0;
  const auto chosen = std::find(rows_.begin(), rows_.end(), query.only_with);
  if (asked && chosen == rows_.end()) return;
  features_.Describe(rows_);
  const auto logits = features_.Logits();
  if (asked && !IsAmongBest(table, static_cast<size_t>(chosen - rows_.begin()), logits, count)) return;
  const bool explores = options_.exploration > 0 && query.uncertainty != nullptr;
  Select(table, logits, explores || options_.diversity > 0 ? kReordered * count : count);
  worth_.clear();
  for (const int32_t place : best_) worth_.push_back(logits[static_cast<size_t>(place)]);
  if (explores) Explore(table, query.uncertainty);
  if (options_.diversity > 0) DiversifyBest(table, count);
  best_.resize(std::min(best_.size(), static_cast<size_t>(count)));
  for (const int32_t place : best_) {
    const auto at = static_cast<size_t>(place);
    result->best.push_back({rows_[at], logits[at]});
    result->features.push_back(features_.At(at));
  }
}

std::span<const float> Ranking::Score(const DesignTable& table, const RankingQuery& query, std::span<const int32_t> rows) {
  features_.Begin(table, query);
  features_.Describe(rows);
  return features_.Logits();
}

void Ranking::Gather(const DesignTable& table, const RankingQuery& query, std::span<const Scored> by_product, int count) {
  rows_.clear();
  states_.resize(static_cast<size_t>(table.size()));
  for (const int32_t row : query.excluded_rows) states_[static_cast<size_t>(row)] = kExcluded;
  for (int h = 0; h < kHorizons; ++h) GatherSome(table, query, table.MostWantedRows(h), kPerSignal);
  order_.clear();
  for (const Scored& scored : by_product) order_.push_back(scored.row);
  GatherSome(table, query, order_, kPerSignal);
  for (const auto memory : {&Tie::lately, &Tie::ever}) {
    for (const int32_t row : features_.linked_rows())
      if (const float strength = features_.LinkOf(row).*memory; strength > 0) Offer(table, query, {row, strength});
    TakeOffers();
  }
  for (const Scored& wanted : features_.WantedBySegments()) Offer(table, query, wanted);
  TakeOffers();
  OfferUntouched(table, query);
  TakeOffers();
  const int fewest = std::max(count, kPerSignal);
  if (static_cast<int>(rows_.size()) < fewest) GatherSome(table, query, table.by_popularity(), fewest);
  for (const int32_t row : query.excluded_rows) states_[static_cast<size_t>(row)] = kOpen;
  for (const int32_t row : rows_) states_[static_cast<size_t>(row)] = kOpen;
}

bool Ranking::MayBeShown(const DesignTable& table, const RankingQuery& query, int32_t row) const {
  const State state = states_[static_cast<size_t>(row)];
  if (state != kOpen) return state == kCandidate;
  return table.AvailableAt(row, query.time_ms) && ComesInSizeOf(table, query, row);
}

/// Makes the first `limit` that may be shown candidates; those that are so already count.
void Ranking::GatherSome(const DesignTable& table, const RankingQuery& query, std::span<const int32_t> rows, int limit) {
  for (size_t i = 0; i < rows.size() && limit > 0; ++i) {
    if (!MayBeShown(table, query, rows[i])) continue;
    --limit;
    AddCandidate(rows[i]);
  }
}

void Ranking::AddCandidate(int32_t row) {
  if (std::exchange(states_[static_cast<size_t>(row)], kCandidate) == kOpen) rows_.push_back(row);
}

/// A row that one signal speaks for. The first of equals counts for more.
void Ranking::Offer(const DesignTable& table, const RankingQuery& query, const Scored& scored) {
  if (scored.score <= least_offered_ || !MayBeShown(table, query, scored.row)) return;
  offered_.push_back({scored.row, scored.score, offers_++});
  if (offered_.size() == 2 * kPerSignal) KeepBestOffered();
}

void Ranking::KeepBestOffered() {
  const auto better = [](const Offered& a, const Offered& b) { return a.score != b.score ? a.score > b.score : a.number < b.number; };
  const auto last = offered_.begin() + (kPerSignal - 1);
  std::nth_element(offered_.begin(), last, offered_.end(), better);
  least_offered_ = last->score;
  offered_.resize(kPerSignal);
}

/// The best kPerSignal of what one signal offered become candidates.
void Ranking::TakeOffers() {
  if (offered_.size() > kPerSignal) KeepBestOffered();
  for (const Offered& offered : offered_) AddCandidate(offered.row);
  offered_.clear();
  offers_ = 0;
  least_offered_ = kNone;
}

/// Those released last, the latest first, by what their attributes are worth to the user: where that says nothing the latest are taken.
void Ranking::OfferUntouched(const DesignTable& table, const RankingQuery& query) {
  const auto rows = table.untouched();
  const auto released = std::upper_bound(rows.begin(), rows.end(), query.time_ms,
                                         [&](int64_t time_ms, int32_t row) { return time_ms < table.released_at_ms(row); });
  const auto end = static_cast<size_t>(released - rows.begin()), first = end - std::min(end, kUntouchedPool);
  for (size_t i = end; i-- > first;) Offer(table, query, {rows[i], features_.AffinityOf(table.untouched_values()[i])});
}

bool Ranking::RanksBefore(const DesignTable& table, std::span<const float> logits, size_t a, size_t b) const {
  return logits[a] != logits[b] ? logits[a] > logits[b] : table.IdOf(rows_[a]) < table.IdOf(rows_[b]);
}

bool Ranking::IsAmongBest(const DesignTable& table, size_t place, std::span<const float> logits, int count) const {
  int better = 0;
  for (size_t i = 0; i < rows_.size(); ++i) better += RanksBefore(table, logits, i, place) ? 1 : 0;
  return better < count;
}

void Ranking::Select(const DesignTable& table, std::span<const float> logits, int count) {
  best_.resize(rows_.size());
  std::iota(best_.begin(), best_.end(), 0);
  const auto better = [&](int32_t a, int32_t b) {
    return RanksBefore(table, logits, static_cast<size_t>(a), static_cast<size_t>(b));
  };
  const size_t kept = std::min(best_.size(), static_cast<size_t>(count));
  const auto end = best_.begin() + static_cast<ptrdiff_t>(kept);
  if (end != best_.end()) std::nth_element(best_.begin(), end, best_.end(), better);
  std::sort(best_.begin(), end, better);
  best_.resize(kept);
}

/// What a design might be worth beyond its logit: so many standard deviations of what the user makes of a design in its direction (LinUCB:
/// Li, Chu, Langford, Schapire 2010). Of its direction alone, as there: what is wanted much has a long factor, and hope would go to it.
void Ranking::Explore(const DesignTable& table, Uncertainty* uncertainty) {
  const float per_deviation = options_.exploration * std::fabs(features_.weights()[kFoldIn]);
  factor_.resize(static_cast<size_t>(table.stride()));
  hoped_.clear();
  for (size_t i = 0; i < best_.size(); ++i) {
    table.ShrunkFactor(rows_[static_cast<size_t>(best_[i])], factor_.data());
    const float length = std::sqrt(DotProduct(factor_.data(), factor_.data(), table.stride()));
    hoped_.emplace_back(worth_[i] + (length > 0 ? per_deviation * uncertainty->Of(factor_) / length : 0), best_[i]);
  }
  std::stable_sort(hoped_.begin(), hoped_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t i = 0; i < best_.size(); ++i) std::tie(worth_[i], best_[i]) = hoped_[i];
}

void Ranking::DiversifyBest(const DesignTable& table, int count) {
  std::vector<int32_t> rows, reordered;
  for (const int32_t place : best_) rows.push_back(rows_[static_cast<size_t>(place)]);
  for (const size_t place : Diversify(table, rows, worth_, options_.diversity, static_cast<size_t>(count)))
    reordered.push_back(best_[place]);
  best_.swap(reordered);
}

}  // namespace catwalk::models
