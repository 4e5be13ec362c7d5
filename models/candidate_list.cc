#include "models/candidate_list.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "models/narrow.h"

namespace catwalk::models {
namespace {

constexpr double kLongestVector = 1e15;
constexpr size_t kRoomForEach = 4;
constexpr size_t kRoomForAll = 32;

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
  room_ = kRoomForEach * count_ + kRoomForAll;
  threshold_ = -std::numeric_limits<float>::infinity();
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
  if (!Eligible(row)) return;
  const float score = DotProduct(table_->Factor(row), query_->vector.data(), table_->stride());
  if (score < threshold_) return;
  best_.push_back({row, score});
  if (best_.size() >= room_) KeepBest();
}

void CandidateList::KeepBest() {
  const auto last = best_.begin() + static_cast<ptrdiff_t>(count_) - 1;
  std::nth_element(best_.begin(), last, best_.end(), RanksBefore(*table_));
  threshold_ = last->score;
  best_.resize(count_);
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
    if (best_.size() > count_) KeepBest();
    std::sort(best_.begin(), best_.end(), RanksBefore(*table_));
    best->assign(best_.begin(), best_.end());
    AppendByPopularity(false, [](int) { return 0.0F; }, best);
  } else {
    AppendByPopularity(true, [this](int row) { return table_->PopularityAt(row, query_->time_ms); }, best);
  }
  MarkExcluded(false);
}

}  // namespace catwalk::models
