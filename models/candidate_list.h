#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/aligned.h"
#include "models/design_table.h"
#include "models/narrow.h"
#include "models/retrieval.h"

namespace catwalk::models {

/// The rows that may be among the best for one query, while Retrieval goes through the table. One thread; reused from query
/// to query.
class CandidateList {
 public:
  /// Starts a query; `table` and `query` must outlive Finish.
  void Begin(const DesignTable& table, const RetrievalQuery& query, int count);
  /// True if the query is served by product, and wants any.
  bool by_product() const { return by_product_; }
  const NarrowQuery& narrow() const { return narrow_; }

  /// Starts a search that takes it for granted that enough eligible rows have at least the narrow product `reached`.
  /// NarrowRows::kAbsent: takes nothing for granted.
  void Search(int reached);
  /// Rows with a smaller narrow product need not be offered.
  const int& least() const { return least_; }
  /// Keeps a row as long as it may be among the best and is not known to be ineligible.
  void Offer(int row, int narrow_product);
  /// False if what the search took for granted is not so; it has to start again, with what is `reached`.
  bool Found();
  int reached() const { return reached_; }

  /// Writes the best, best first, and ends the query.
  void Finish(std::vector<Scored>* best);

 private:
  bool Eligible(int row) const {
    const auto at = static_cast<size_t>(row);
    const bool excluded = (excluded_[at / 64] >> (at % 64) & 1) != 0;
    return !excluded & table_->AvailableAt(row, query_->time_ms);  // no branch: which it would be, nobody can predict
  }
  void MarkExcluded(bool excluded);
  float ExactScore(int row) const;
  int NarrowProductOf(float score) const;
  void MakeRoom(size_t candidates);
  void DropIneligible();
  void DropUnlikely();
  void AppendByProduct(std::vector<Scored>* best);
  template <class Score>
  void AppendByPopularity(bool with_factor, Score score, std::vector<Scored>* best) const;

  const DesignTable* table_ = nullptr;
  const RetrievalQuery* query_ = nullptr;
  size_t count_ = 0;
  bool by_product_ = false;
  NarrowQuery narrow_;
  int margin_ = 0;                       // of two rows whose narrow products are further apart, the larger one is the better
  int granted_ = 0, least_ = 0;
  int reached_ = 0;                      // the narrow product that enough candidates have
  std::vector<int32_t> rows_;            // of the candidates
  std::vector<int16_t> products_;        // of the candidates, in front of a few numbers that do not count
  AlignedVector<float> scores_;          // a column: of the candidates, at the end
  std::vector<int32_t> places_;          // of the best among them
  size_t eligible_ = 0;                  // so many candidates, from the first on, are known to be
  size_t room_ = 0;                      // for candidates, before the unlikely ones are dropped
  std::vector<uint64_t> excluded_;       // a bit by row; all 0 between queries
};

}  // namespace catwalk::models
