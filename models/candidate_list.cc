#include "models/candidate_list.h"

#include <algorithm>
#include <cmath>

namespace catwalk::models {
namespace {

constexpr double kLongestVector = 1e15;

double Length(std::span<const float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(squares);
}

/// The order of a list.
auto RanksBefore(const DesignTable& table) {
  return [&table](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : table.IdOf(a.row) < table.IdOf(b.row);
  };
}

}  // namespace

void CandidateList::Begin(const DesignTable& table, const RetrievalQuery& query, int count) {
  table_ = &table;
  query_ = &query;
  count_ = static_cast<size_t>(std::max(count, 0));
  best_.clear();
  by_product_ = query.known && Length(query.vector) <= kLongestVector;  // false for NaN
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

void CandidateList::Offer(int row) {
  const Scored offered{row, DotProduct(table_->Factor(row), query_->vector.data(), table_->stride())};
  if (offered.score < threshold() || !table_->HasFactor(row) || !Eligible(row)) return;
  const auto before = RanksBefore(*table_);
  if (best_.size() == count_) {
    if (!before(offered, best_.front())) return;
    std::pop_heap(best_.begin(), best_.end(), before);
    best_.pop_back();
  }
  best_.push_back(offered);
  std::push_heap(best_.begin(), best_.end(), before);
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
    std::sort_heap(best_.begin(), best_.end(), RanksBefore(*table_));
    best->assign(best_.begin(), best_.end());
    AppendByPopularity(false, [](int) { return 0.0F; }, best);
  } else {
    AppendByPopularity(true, [this](int row) { return table_->PopularityAt(row, query_->time_ms); }, best);
  }
  MarkExcluded(false);
}

}  // namespace catwalk::models
