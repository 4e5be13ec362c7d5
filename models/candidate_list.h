#pragma once

#include <cstdint>
#include <vector>

#include "models/design_table.h"
#include "models/retrieval.h"

namespace catwalk::models {

/// The best rows so far for one query, while Retrieval goes through the table. One thread; reused from query to query.
class CandidateList {
 public:
  /// Starts a query; `table` and `query` must outlive Finish.
  void Begin(const DesignTable& table, const RetrievalQuery& query, int count);
  /// True if the query is served by product.
  bool by_product() const { return by_product_; }
  /// Fewer than `count` scored rows reach less than this: a row with less need not be offered. -inf at first.
  float threshold() const { return threshold_; }

  /// Scores a row, and keeps it if it is eligible and may be among the best.
  void Offer(int row);
  /// Writes the best, best first, and ends the query.
  void Finish(std::vector<Scored>* best);

 private:
  bool Eligible(int row) const {
    const auto at = static_cast<size_t>(row);
    return (excluded_[at / 64] >> (at % 64) & 1) == 0 && table_->AvailableAt(row, query_->time_ms);
  }
  void MarkExcluded(bool excluded);
  void KeepBest();
  template <class Score>
  void AppendByPopularity(bool with_factor, Score score, std::vector<Scored>* best) const;

  const DesignTable* table_ = nullptr;
  const RetrievalQuery* query_ = nullptr;
  size_t count_ = 0;
  bool by_product_ = false;
  size_t room_ = 0;                      // of best_: when it is full, the best are kept. Cheaper than order at each offer
  float threshold_ = 0;
  std::vector<Scored> best_;             // has the best, and others
  std::vector<uint64_t> excluded_;       // a bit by row; all 0 between queries
};

}  // namespace catwalk::models
