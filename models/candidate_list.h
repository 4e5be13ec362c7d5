#pragma once

#include <cstdint>
#include <vector>

#include "models/design_table.h"
#include "models/retrieval.h"

namespace catwalk::models {

/// What Retrieval holds of one query while it goes through the table: the rows that may be among the best, and the
/// batched product below which a row cannot be. One thread; reused from query to query.
class CandidateList {
 public:
  /// Starts a query; `table` and `query` must outlive Finish.
  void Begin(const DesignTable& table, const RetrievalQuery& query, int count);
  /// True if the query is served by product.
  bool by_product() const { return by_product_; }
  /// Products below this need not be offered.
  float threshold() const { return threshold_; }

  /// Takes a row whose batched product reaches the threshold. Whether the row is eligible is seen to later, for many rows
  /// at once: what tells is far from the cache here.
  void Offer(int row, float product) { candidates_.push_back({row, product}); }
  /// True when enough has been taken to make Tighten worth its while.
  bool grown() const { return candidates_.size() >= grown_at_; }
  /// Raises the threshold and lets go what is below it.
  void Tighten();
  /// Writes the best, best first, and ends the query.
  void Finish(std::vector<Scored>* best);

 private:
  bool Eligible(int row) const {
    const auto at = static_cast<size_t>(row);
    return (excluded_[at / 64] >> (at % 64) & 1) == 0 && table_->AvailableAt(row, query_->time_ms);
  }
  void MarkExcluded(bool excluded);
  void DropIneligible();
  void KeepExactBest();
  template <class Score>
  void AppendByPopularity(bool with_factor, Score score, std::vector<Scored>* best) const;

  const DesignTable* table_ = nullptr;
  const RetrievalQuery* query_ = nullptr;
  size_t count_ = 0;
  bool by_product_ = false;
  float threshold_ = 0, margin_ = 0;     // margin_: what two products of a row may differ by, at most
  size_t grown_at_ = 0;
  std::vector<Scored> candidates_;       // with their batched products
  size_t eligible_ = 0;                  // the first of them are known to be eligible
  std::vector<uint64_t> excluded_;       // a bit by row; all 0 between queries
};

}  // namespace catwalk::models
