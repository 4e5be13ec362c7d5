#include "models/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "models/columns.h"
#include "models/diversify.h"
#include "models/selection.h"

namespace catwalk::models {
namespace {

/// By what the catalogue offers: the sizes that others took need not be all there are.
bool ComesInSizeOf(const DesignTable& table, const RankingQuery& query, int32_t row) {
  return query.wearer == nullptr || !table.HasSizes(row) || ComesInSize(table.fit_model(), *query.wearer, table.Catalogue(row)->sizes);
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
  GatherBest(table, query, features_.linked_rows(), features_.linked_lately());
  GatherBest(table, query, features_.linked_rows(), features_.linked_ever());
  GatherBest(table, query, table.MostWantedRows(kSegmentHorizon), features_.WantedBySegments());
  GatherUntouched(table, query);
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

void Ranking::GatherBest(const DesignTable& table, const RankingQuery& query, std::span<const int32_t> rows,
                         const UserFeatures::Column& scores) {
  for (const int32_t row : offers_.Choose(rows, scores, [&](int32_t r) { return MayBeShown(table, query, r); })) AddCandidate(row);
}

/// Those released last, the latest first, by what their attributes are worth to the user: where that says nothing the latest are taken.
void Ranking::GatherUntouched(const DesignTable& table, const RankingQuery& query) {
  const auto rows = table.untouched();
  const auto released = std::partition_point(rows.begin(), rows.end(), [&](int32_t row) { return table.released_at_ms(row) > query.time_ms; });
  const auto first = static_cast<size_t>(released - rows.begin()), count = std::min(rows.size() - first, kUntouchedPool);
  GatherBest(table, query, rows.subspan(first, count), features_.UntouchedAffinities(first, count));
}

bool Ranking::RanksBefore(const DesignTable& table, const Ranked& a, const Ranked& b) const {
  if (a.first != b.first) return a.first > b.first;
  return table.IdOf(rows_[static_cast<size_t>(a.second)]) < table.IdOf(rows_[static_cast<size_t>(b.second)]);
}

bool Ranking::IsAmongBest(const DesignTable& table, size_t place, std::span<const float> logits, int count) const {
  int better = 0;
  const Ranked of_place{logits[place], static_cast<int32_t>(place)};
  for (size_t i = 0; i < rows_.size(); ++i) better += RanksBefore(table, {logits[i], static_cast<int32_t>(i)}, of_place) ? 1 : 0;
  return better < count;
}

void Ranking::Select(const DesignTable& table, std::span<const float> logits, int count) {
  scores_.assign(PaddedSize(logits.size()), -std::numeric_limits<float>::infinity());
  std::copy(logits.begin(), logits.end(), scores_.begin());
  FindBest(static_cast<size_t>(count), scores_, logits.size(), &best_);
  ranked_.clear();
  for (const int32_t place : best_) ranked_.emplace_back(logits[static_cast<size_t>(place)], place);
  std::sort(ranked_.begin(), ranked_.end(), [&](const Ranked& a, const Ranked& b) { return RanksBefore(table, a, b); });
  ranked_.resize(std::min(ranked_.size(), static_cast<size_t>(count)));
  best_.clear();
  for (const auto& [logit, place] : ranked_) best_.push_back(place);
}

/// What a design might be worth beyond its logit: so many standard deviations of what the user makes of a design in its direction (LinUCB:
/// Li, Chu, Langford, Schapire 2010). Of its direction alone, as there: what is wanted much has a long factor, and hope would go to it.
void Ranking::Explore(const DesignTable& table, Uncertainty* uncertainty) {
  const float per_deviation = options_.exploration * std::fabs(features_.weights()[kFoldIn]);
  const auto stride = static_cast<size_t>(table.stride());
  factors_.resize(best_.size() * stride);
  deviations_.resize(best_.size());
  for (size_t i = 0; i < best_.size(); ++i) table.ShrunkFactor(rows_[static_cast<size_t>(best_[i])], &factors_[i * stride]);
  uncertainty->Of(factors_, deviations_);
  hoped_.clear();
  for (size_t i = 0; i < best_.size(); ++i) {
    const float* const factor = &factors_[i * stride];
    const float length = std::sqrt(DotProduct(factor, factor, table.stride()));
    hoped_.emplace_back(worth_[i] + (length > 0 ? per_deviation * deviations_[i] / length : 0), best_[i]);
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
