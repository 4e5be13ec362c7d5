#include "models/candidate_list.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "models/columns.h"
#include "models/score_kernel.h"
#include "models/selection.h"

namespace catwalk::models {
namespace {

constexpr double kLongestVector = 1e15;
constexpr int kLeastOfAny = NarrowRows::kAbsent + 1;
constexpr size_t kRoomForFew = 128;
constexpr float kNone = -std::numeric_limits<float>::infinity();

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
  by_product_ = count > 0 && query.known && Length(query.vector) <= kLongestVector;  // false for NaN
  excluded_.resize(std::max(excluded_.size(), static_cast<size_t>(table.size()) / 64 + 1));
  MarkExcluded(true);
  if (!by_product_) return;
  narrow_.Set(query.vector.data(), table.k());
  margin_ = 2 * table.narrow().ErrorWith(narrow_);
}

void CandidateList::MarkExcluded(bool excluded) {
  for (const int32_t row : query_->excluded_rows) {
    if (row < 0 || row >= table_->size()) continue;
    const auto at = static_cast<size_t>(row);
    const uint64_t bit = uint64_t{1} << (at % 64);
    excluded_[at / 64] = excluded ? excluded_[at / 64] | bit : excluded_[at / 64] & ~bit;
  }
}

void CandidateList::Search(int reached) {
  granted_ = least_ = std::max(reached - margin_, kLeastOfAny);
  reached_ = NarrowRows::kAbsent;
  rows_.clear();
  eligible_ = 0;
  MakeRoom(std::max(4 * count_, kRoomForFew));
}

/// The numbers behind those of candidates are NarrowRows::kAbsent.
void CandidateList::MakeRoom(size_t candidates) {
  room_ = (candidates + NarrowRows::kRowsAtOnce - 1) / NarrowRows::kRowsAtOnce * NarrowRows::kRowsAtOnce;
  products_.resize(room_);
  std::fill(products_.begin() + std::ssize(rows_), products_.end(), int16_t{NarrowRows::kAbsent});
}

void CandidateList::Offer(int row, int narrow_product) {
  const bool too_long = narrow_product == NarrowRows::kTooLong;
  products_[rows_.size()] = static_cast<int16_t>(too_long ? NarrowProductOf(ExactScore(row)) : narrow_product);
  rows_.push_back(row);
  if (rows_.size() == room_) DropUnlikely();
}

bool CandidateList::Found() {
  DropUnlikely();
  return granted_ == kLeastOfAny || reached_ - margin_ >= granted_;
}

float CandidateList::ExactScore(int row) const {
  return DotProduct(table_->Factor(row), query_->vector.data(), table_->stride());
}

/// What a narrow vector of any length would have, as far as there are numbers for it.
int CandidateList::NarrowProductOf(float score) const {
  constexpr double kFurthest = 32767;
  const double unit = static_cast<double>(narrow_.unit()) * static_cast<double>(table_->narrow().unit());
  return static_cast<int>(std::clamp(static_cast<double>(score) / unit, -kFurthest, kFurthest));
}

/// What says so of designs lies far apart, and is read of many at a time.
void CandidateList::DropIneligible() {
  size_t kept = eligible_;
  for (size_t i = eligible_; i < rows_.size(); ++i) {
    rows_[kept] = rows_[i];
    products_[kept] = products_[i];
    kept += Eligible(rows_[i]) ? 1 : 0;
  }
  eligible_ = kept;
  std::fill(products_.begin() + static_cast<ptrdiff_t>(eligible_), products_.begin() + std::ssize(rows_), int16_t{NarrowRows::kAbsent});
  rows_.resize(eligible_);
}

/// As many as are asked for are surely better than what is further than the margin below the last of them.
void CandidateList::DropUnlikely() {
  DropIneligible();
  if (rows_.size() < count_) return;
  reached_ = ReachedBy(count_, products_.data(), room_);
  least_ = std::max(least_, reached_ - margin_);
  size_t kept = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    rows_[kept] = rows_[i];
    products_[kept] = products_[i];
    kept += products_[i] >= least_ ? 1 : 0;
  }
  rows_.resize(kept);
  eligible_ = kept;
  MakeRoom(std::max(room_, 2 * kept));
}

template <class Score>
void CandidateList::AppendByPopularity(bool with_factor, Score score, std::vector<Scored>* best) const {
  for (const int32_t row : table_->by_popularity()) {
    if (best->size() >= count_) return;
    if ((with_factor || !table_->HasFactor(row)) && Eligible(row)) best->push_back({row, score(row)});
  }
}

void CandidateList::AppendByProduct(std::vector<Scored>* best) {
  for (const int32_t row : rows_) Prefetch(table_->Factor(row), table_->stride());
  scores_.assign(PaddedSize(rows_.size()), kNone);
  for (size_t i = 0; i < rows_.size(); ++i) scores_[i] = ExactScore(rows_[i]);
  FindBest(count_, scores_, rows_.size(), &places_);
  for (const int32_t place : places_) best->push_back({rows_[static_cast<size_t>(place)], scores_[static_cast<size_t>(place)]});
  std::sort(best->begin(), best->end(), RanksBefore(*table_));
  best->resize(std::min(best->size(), count_));
}

void CandidateList::Finish(std::vector<Scored>* best) {
  best->clear();
  if (by_product_) {
    AppendByProduct(best);
    AppendByPopularity(false, [](int) { return 0.0F; }, best);
  } else {
    AppendByPopularity(true, [this](int row) { return table_->PopularityAt(row, query_->time_ms); }, best);
  }
  MarkExcluded(false);
}

}  // namespace catwalk::models
