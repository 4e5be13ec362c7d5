#include "models/candidate_list.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace catwalk::models {
namespace {

constexpr double kLongestVector = 1e15;
constexpr double kUnitRoundoff = 5.9604644775390625e-8;  // 2^-24
/// Covers the higher orders of the rounding bound, and the rounding of the bound itself.
constexpr double kSlack = 1.01;

double Length(std::span<const float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(squares);
}

double LongestFactor(const DesignTable& table) {
  double trace = 0;
  const auto stride = static_cast<size_t>(table.stride());
  for (size_t i = 0; i < stride; ++i) trace += table.gram()[i * (stride + 1)];
  return std::sqrt(trace + 1e-6);  // its fixed point is cut off below
}

constexpr auto kHigher = [](const Scored& a, const Scored& b) { return a.score > b.score; };

}  // namespace

void CandidateList::Begin(const DesignTable& table, const RetrievalQuery& query, int count) {
  table_ = &table;
  query_ = &query;
  count_ = static_cast<size_t>(std::max(count, 0));
  grown_at_ = count_ + count_ / 2 + 8;
  candidates_.clear();
  eligible_ = 0;
  threshold_ = -std::numeric_limits<float>::infinity();
  const double length = query.known ? Length(query.vector) : 0;
  by_product_ = query.known && length <= kLongestVector;  // false for NaN
  const double rounding = kSlack * (table.stride() + 2) * kUnitRoundoff * length * LongestFactor(table);
  margin_ = static_cast<float>(2 * rounding) + std::numeric_limits<float>::min();
  excluded_.resize(std::max(excluded_.size(), static_cast<size_t>(table.size()) / 64 + 1));
  MarkExcluded(true);
}

void CandidateList::MarkExcluded(bool excluded) {
  for (const int32_t row : query_->excluded_rows) {
    if (row < 0 || row >= table_->size()) continue;
    const auto at = static_cast<size_t>(row);
    const uint64_t bit = uint64_t{1} << (at % 64);
    excluded_[at / 64] = excluded ? excluded_[at / 64] | bit : excluded_[at / 64] & ~bit;
  }
}

// Any `count` candidates score at least their lowest batched product less the margin; what is lower than that by more
// than the margin scores less than all of them. Ties by the thousand are cut by their exact scores.
void CandidateList::Tighten() {
  DropIneligible();
  if (candidates_.size() <= count_ || count_ == 0) return;
  const auto last = candidates_.begin() + static_cast<ptrdiff_t>(count_) - 1;
  std::nth_element(candidates_.begin(), last, candidates_.end(), kHigher);
  threshold_ = std::max(threshold_, last->score - 2 * margin_);
  std::erase_if(candidates_, [this](const Scored& candidate) { return candidate.score < threshold_; });
  if (grown()) KeepExactBest();
  eligible_ = candidates_.size();
}

void CandidateList::DropIneligible() {
  const auto fresh = candidates_.begin() + static_cast<ptrdiff_t>(eligible_);
  const auto ineligible = [this](const Scored& candidate) {
    return !table_->HasFactor(candidate.row) || !Eligible(candidate.row);
  };
  candidates_.erase(std::remove_if(fresh, candidates_.end(), ineligible), candidates_.end());
  eligible_ = candidates_.size();
}

void CandidateList::KeepExactBest() {
  std::vector<Scored> best;
  best.swap(candidates_);
  struct Ranked {
    Scored batched;
    float exact;
  };
  std::vector<Ranked> ranked;
  for (const Scored& candidate : best)
    ranked.push_back({candidate, DotProduct(table_->Factor(candidate.row), query_->vector.data(), table_->stride())});
  const auto before = [this](const Ranked& a, const Ranked& b) {
    return a.exact != b.exact ? a.exact > b.exact : table_->IdOf(a.batched.row) < table_->IdOf(b.batched.row);
  };
  std::nth_element(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(count_) - 1, ranked.end(), before);
  ranked.resize(count_);
  for (const Ranked& kept : ranked) candidates_.push_back(kept.batched);
}

template <class Score>
void CandidateList::AppendByPopularity(bool with_factor, Score score, std::vector<Scored>* best) const {
  for (const int32_t row : table_->by_popularity()) {
    if (best->size() >= count_) return;
    if ((with_factor || !table_->HasFactor(row)) && Eligible(row)) best->push_back({row, score(row)});
  }
}

void CandidateList::Finish(std::vector<Scored>* best) {
  best->clear();
  if (by_product_) {
    Tighten();
    for (const Scored& candidate : candidates_)
      best->push_back({candidate.row, DotProduct(table_->Factor(candidate.row), query_->vector.data(), table_->stride())});
    std::sort(best->begin(), best->end(), [this](const Scored& a, const Scored& b) {
      return a.score != b.score ? a.score > b.score : table_->IdOf(a.row) < table_->IdOf(b.row);
    });
    best->resize(std::min(best->size(), count_));
    AppendByPopularity(false, [](int) { return 0.0F; }, best);
  } else {
    AppendByPopularity(true, [this](int row) { return table_->PopularityAt(row, query_->time_ms); }, best);
  }
  MarkExcluded(false);
}

}  // namespace catwalk::models
