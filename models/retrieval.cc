#include "models/retrieval.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "models/candidate_list.h"
#include "models/lanes.h"
#include "models/narrow.h"
#include "models/score_kernel.h"

namespace catwalk::models {
namespace {

/// A narrow product that a few times as many rows probably reach as are asked for: what the r-th best of a sample has, other
/// rows reach as often, give or take 1 / sqrt(r) of that.
int Guess(const NarrowRows& rows, int size, const NarrowQuery& query, int count) {
  constexpr int kSample = 2 * kBlockRows, kSmallestTable = 4 * kSample;
  if (size < kSmallestTable) return NarrowRows::kAbsent;
  const int64_t rank = 2 + 2 * int64_t{count} * kSample / size;
  if (rank > static_cast<int64_t>(NarrowRows::kRowsAtOnce)) return NarrowRows::kAbsent;
  return ReachedByAbout(static_cast<size_t>(rank), rows, kSample, query);
}

}  // namespace

/// What a Run works with, kept for the next.
class Retrieval::Scratch {
 public:
  void Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count);
  void Search(const DesignTable& table, int count);
  CandidateList& list(size_t query) { return lists_[query]; }

 private:
  void Scan(const DesignTable& table);

  std::vector<CandidateList> lists_;         // by query
  std::vector<CandidateList*> searching_;    // those that have not found theirs
};

void Retrieval::Scratch::Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count) {
  if (lists_.size() < queries.size()) lists_.resize(queries.size());
  searching_.clear();
  for (size_t i = 0; i < queries.size(); ++i) {
    lists_[i].Begin(table, queries[i], count);
    if (lists_[i].by_product()) searching_.push_back(&lists_[i]);
  }
}

void Retrieval::Scratch::Search(const DesignTable& table, int count) {
  for (CandidateList* list : searching_) list->Search(Guess(table.narrow(), table.size(), list->narrow(), count));
  Scan(table);
  std::erase_if(searching_, [](CandidateList* list) { return list->Found(); });
  for (CandidateList* list : searching_) list->Search(list->reached());
  Scan(table);
}

void Retrieval::Scratch::Scan(const DesignTable& table) {
  for (int first = 0; first < table.size() && !searching_.empty(); first += kBlockRows)
    for (CandidateList* list : searching_)
      ForEachLikely(table.narrow(), first, std::min(first + kBlockRows, table.size()), list->narrow(), list->least(),
                    [list](int row, int product) { list->Offer(row, product); });
}

Retrieval::Retrieval(int) : scratch_(std::make_unique<Scratch>()) {}

Retrieval::~Retrieval() = default;

void Retrieval::Run(const DesignTable& table, std::span<const RetrievalQuery> queries, int count,
                    std::span<std::vector<Scored>> results) {
  scratch_->Begin(table, queries, count);
  scratch_->Search(table, count);
  for (size_t i = 0; i < queries.size(); ++i) scratch_->list(i).Finish(&results[i]);
}

float DotProduct(const float* a, const float* b, int stride) {
  Float8 sum = Broadcast(0.0F);
  for (int i = 0; i < stride; i += 8) sum = MultiplyAdd(Load(a + i), Load(b + i), sum);
  return Sum(sum);
}

}  // namespace catwalk::models
