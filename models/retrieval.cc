#include "models/retrieval.h"

#include <algorithm>
#include <limits>

#include "models/candidate_list.h"
#include "models/lanes.h"
#include "models/score_kernel.h"

namespace catwalk::models {
namespace {

/// Rows scored for all users before the next: 12 KiB of factors at k = 32 stay in the first-level cache meanwhile.
/// A multiple of the kernels' 6 and 8 rows. Thresholds rise from block to block.
constexpr int kBlockRows = 96;
/// The first block is smaller, and each is twice the one before: all of it passes while there is no threshold yet.
constexpr int kFirstBlockRows = 24;
constexpr size_t kMostLanes = UserGroup::kMostLanes;
/// So many users left over are scored beside each other; fewer, one by one.
constexpr size_t kWorthAGroup = 4;

/// Passes the scores of one group on to its users' lists.
struct GroupReceiver {
  CandidateList* const* lists;
  void Offer(size_t lane, int row, float score) const { lists[lane]->Offer(row, score); }
};

}  // namespace

/// What a Run works with, kept for the next.
class Retrieval::Scratch {
 public:
  void Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count);
  void Select(const DesignTable& table, std::span<const RetrievalQuery> queries);
  CandidateList& list(size_t query) { return lists_[query]; }

 private:
  void Pack(size_t stride, std::span<const RetrievalQuery> queries);
  void SelectBlock(const DesignTable& table, std::span<const RetrievalQuery> queries, int first, int end);
  void Tighten();

  std::vector<CandidateList> lists_;              // by query
  std::vector<CandidateList*> by_product_;        // of the queries served by product
  std::vector<size_t> query_of_;                  // by index in by_product_
  std::vector<UserGroup> groups_;
  size_t groups_in_use_ = 0;
  size_t grouped_ = 0;                            // the first of by_product_ are in groups, the few others are not
};

void Retrieval::Scratch::Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count) {
  if (lists_.size() < queries.size()) lists_.resize(queries.size());
  by_product_.clear();
  query_of_.clear();
  for (size_t i = 0; i < queries.size(); ++i) {
    lists_[i].Begin(table, queries[i], count);
    if (!lists_[i].by_product()) continue;
    by_product_.push_back(&lists_[i]);
    query_of_.push_back(i);
  }
  Pack(static_cast<size_t>(table.stride()), queries);
}

void Retrieval::Scratch::Pack(size_t stride, std::span<const RetrievalQuery> queries) {
  const size_t left = by_product_.size() % kMostLanes;
  grouped_ = by_product_.size() - (left < kWorthAGroup ? left : 0);
  groups_in_use_ = (grouped_ + kMostLanes - 1) / kMostLanes;
  if (groups_.size() < groups_in_use_) groups_.resize(groups_in_use_);
  for (size_t g = 0; g < groups_in_use_; ++g) {
    groups_[g].lanes = grouped_ - g * kMostLanes <= 8 ? 8 : kMostLanes;
    groups_[g].vectors.assign(stride * groups_[g].lanes, 0.0F);
    std::fill_n(groups_[g].thresholds, kMostLanes, std::numeric_limits<float>::infinity());
  }
  for (size_t user = 0; user < grouped_; ++user) {
    UserGroup& group = groups_[user / kMostLanes];
    const auto& vector = queries[query_of_[user]].vector;
    for (size_t i = 0; i < stride; ++i) group.vectors[i * group.lanes + user % kMostLanes] = vector[i];
    group.thresholds[user % kMostLanes] = by_product_[user]->threshold();
  }
}

void Retrieval::Scratch::Select(const DesignTable& table, std::span<const RetrievalQuery> queries) {
  if (by_product_.empty()) return;
  for (int first = 0, rows = kFirstBlockRows; first < table.size(); first += rows, rows = std::min(2 * rows, kBlockRows)) {
    SelectBlock(table, queries, first, std::min(first + rows, table.size()));
    Tighten();
  }
}

void Retrieval::Scratch::SelectBlock(const DesignTable& table, std::span<const RetrievalQuery> queries, int first, int end) {
  const float* factors = table.factors().data();
  const auto stride = static_cast<size_t>(table.stride());
  for (size_t g = 0; g < groups_in_use_; ++g)
    ScoreGroup(factors, stride, first, end, groups_[g], GroupReceiver{&by_product_[g * kMostLanes]});
  for (size_t user = grouped_; user < by_product_.size(); ++user)
    ScoreOne(factors, stride, first, end, queries[query_of_[user]].vector.data(), by_product_[user]->threshold(),
             GroupReceiver{&by_product_[user]});
}

void Retrieval::Scratch::Tighten() {
  for (size_t user = 0; user < by_product_.size(); ++user) {
    if (!by_product_[user]->grown()) continue;
    by_product_[user]->Tighten();
    if (user < grouped_) groups_[user / kMostLanes].thresholds[user % kMostLanes] = by_product_[user]->threshold();
  }
}

Retrieval::Retrieval(int) : scratch_(std::make_unique<Scratch>()) {}

Retrieval::~Retrieval() = default;

void Retrieval::Run(const DesignTable& table, std::span<const RetrievalQuery> queries, int count,
                    std::span<std::vector<Scored>> results) {
  scratch_->Begin(table, queries, count);
  if (count > 0) scratch_->Select(table, queries);
  for (size_t i = 0; i < queries.size(); ++i) scratch_->list(i).Finish(&results[i]);
}

float DotProduct(const float* a, const float* b, int stride) {
  Float8 sum = Broadcast(0.0F);
  for (int i = 0; i < stride; i += 8) sum = MultiplyAdd(Load(a + i), Load(b + i), sum);
  return Sum(sum);
}

}  // namespace catwalk::models
