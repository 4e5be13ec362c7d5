#include "models/retrieval.h"

#include <algorithm>
#include <span>

#include "models/candidate_list.h"
#include "models/lanes.h"
#include "models/narrow.h"
#include "models/score_kernel.h"

namespace catwalk::models {
namespace {

/// Rows looked at for all users before the next: 16 KiB of narrow factors at k = 32 stay in the first-level cache meanwhile.
constexpr int kBlockRows = 512;

/// A query that is served by product.
struct Seeker {
  CandidateList* list;
  NarrowQuery query;
  float threshold;  // of `list`, in units of the query's scale
};

}  // namespace

/// What a Run works with, kept for the next.
class Retrieval::Scratch {
 public:
  void Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count);
  void Select(const NarrowRows& rows, int size);
  CandidateList& list(size_t query) { return lists_[query]; }

 private:
  void Add(const RetrievalQuery& query, int k, CandidateList* list);

  std::vector<CandidateList> lists_;  // by query
  std::vector<Seeker> seekers_;
  size_t seeking_ = 0;                // the first of seekers_ are in use
};

void Retrieval::Scratch::Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count) {
  if (lists_.size() < queries.size()) lists_.resize(queries.size());
  seeking_ = 0;
  for (size_t i = 0; i < queries.size(); ++i) {
    lists_[i].Begin(table, queries[i], count);
    if (lists_[i].by_product()) Add(queries[i], table.k(), &lists_[i]);
  }
}

void Retrieval::Scratch::Add(const RetrievalQuery& query, int k, CandidateList* list) {
  if (seekers_.size() == seeking_) seekers_.emplace_back();
  Seeker& seeker = seekers_[seeking_++];
  seeker.list = list;
  seeker.query.Set(query.vector.data(), k);
  seeker.threshold = list->threshold();
}

void Retrieval::Scratch::Select(const NarrowRows& rows, int size) {
  for (int first = 0; first < size && seeking_ > 0; first += kBlockRows) {
    const int end = std::min(first + kBlockRows, size);
    for (Seeker& seeker : std::span(seekers_).first(seeking_)) {
      ForEachLikely(rows, first, end, seeker.query, seeker.threshold, [&seeker](int row) {
        seeker.list->Offer(row);
        seeker.threshold = seeker.list->threshold() / seeker.query.scale();
      });
    }
  }
}

Retrieval::Retrieval(int) : scratch_(std::make_unique<Scratch>()) {}

Retrieval::~Retrieval() = default;

void Retrieval::Run(const DesignTable& table, std::span<const RetrievalQuery> queries, int count,
                    std::span<std::vector<Scored>> results) {
  scratch_->Begin(table, queries, count);
  if (count > 0) scratch_->Select(table.narrow(), table.size());
  for (size_t i = 0; i < queries.size(); ++i) scratch_->list(i).Finish(&results[i]);
}

float DotProduct(const float* a, const float* b, int stride) {
  Float8 sum = Broadcast(0.0F);
  for (int i = 0; i < stride; i += 8) sum = MultiplyAdd(Load(a + i), Load(b + i), sum);
  return Sum(sum);
}

}  // namespace catwalk::models
