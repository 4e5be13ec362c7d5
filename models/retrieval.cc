#include "models/retrieval.h"

#include <algorithm>
#include <limits>

#include "models/candidate_list.h"
#include "models/lanes.h"
#include "models/narrow.h"
#include "models/score_kernel.h"

namespace catwalk::models {
namespace {

/// Rows scored for all users before the next: 12 KiB of narrow factors at k = 32 stay in the first-level cache meanwhile.
/// A multiple of the kernels' 6 and 8 rows.
constexpr int kBlockRows = 192;
constexpr size_t kMostLanes = UserGroup::kMostLanes;
/// So many users left over are scored beside each other; fewer, one by one.
constexpr size_t kWorthAGroup = 4;

/// A query that is served by product.
struct Seeker {
  CandidateList* list;
  std::vector<int16_t> vector;  // narrow
  float per_scale;              // 1 / its scale
  float threshold;              // of `list`, in units of its scale
};

/// Passes rows on to the lists of a group's users.
struct Receiver {
  Seeker* seekers;
  float* thresholds;  // by lane

  void Offer(size_t lane, int row) const {
    CandidateList& list = *seekers[lane].list;
    list.Offer(row);
    thresholds[lane] = list.threshold() * seekers[lane].per_scale;
  }
};

}  // namespace

/// What a Run works with, kept for the next.
class Retrieval::Scratch {
 public:
  void Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count);
  void Select(const DesignTable& table);
  CandidateList& list(size_t query) { return lists_[query]; }

 private:
  void Add(const RetrievalQuery& query, int k, CandidateList* list);
  void Pack(size_t stride);
  void PackInto(UserGroup* group, size_t first, size_t users, size_t stride);

  std::vector<CandidateList> lists_;  // by query
  std::vector<Seeker> seekers_;
  size_t seeking_ = 0;                // the first of seekers_ are in use
  std::vector<UserGroup> groups_;
  size_t groups_in_use_ = 0;
  size_t grouped_ = 0;                // the first of seekers_ are in groups, the few others in use are not
};

void Retrieval::Scratch::Begin(const DesignTable& table, std::span<const RetrievalQuery> queries, int count) {
  if (lists_.size() < queries.size()) lists_.resize(queries.size());
  seeking_ = 0;
  for (size_t i = 0; i < queries.size(); ++i) {
    lists_[i].Begin(table, queries[i], count);
    if (lists_[i].by_product()) Add(queries[i], table.k(), &lists_[i]);
  }
  Pack(static_cast<size_t>(NarrowStride(table.k())));
}

void Retrieval::Scratch::Add(const RetrievalQuery& query, int k, CandidateList* list) {
  if (seekers_.size() == seeking_) seekers_.emplace_back();
  Seeker& seeker = seekers_[seeking_++];
  seeker.list = list;
  seeker.vector.resize(static_cast<size_t>(NarrowStride(k)));
  seeker.per_scale = 1 / Narrow(query.vector.data(), k, seeker.vector.data());
  seeker.threshold = -std::numeric_limits<float>::infinity();
}

void Retrieval::Scratch::Pack(size_t stride) {
  const size_t left = seeking_ % kMostLanes;
  grouped_ = seeking_ - (left < kWorthAGroup ? left : 0);
  groups_in_use_ = (grouped_ + kMostLanes - 1) / kMostLanes;
  if (groups_.size() < groups_in_use_) groups_.resize(groups_in_use_);
  for (size_t g = 0; g < groups_in_use_; ++g)
    PackInto(&groups_[g], g * kMostLanes, std::min(kMostLanes, grouped_ - g * kMostLanes), stride);
}

void Retrieval::Scratch::PackInto(UserGroup* group, size_t first, size_t users, size_t stride) {
  group->lanes = users <= 8 ? 8 : kMostLanes;
  group->vectors.assign(stride * group->lanes, 0);
  std::fill_n(group->thresholds, kMostLanes, std::numeric_limits<float>::infinity());
  for (size_t lane = 0; lane < users; ++lane) {
    const Seeker& seeker = seekers_[first + lane];
    for (size_t i = 0; i < stride; ++i) group->vectors[(i / 2 * group->lanes + lane) * 2 + i % 2] = seeker.vector[i];
    group->thresholds[lane] = seeker.threshold;
  }
}

void Retrieval::Scratch::Select(const DesignTable& table) {
  const NarrowRows rows = table.narrow();
  for (int first = 0; first < table.size() && seeking_ > 0; first += kBlockRows) {
    const int end = std::min(first + kBlockRows, table.size());
    for (size_t g = 0; g < groups_in_use_; ++g)
      ScoreGroup(rows, first, end, groups_[g], Receiver{&seekers_[g * kMostLanes], groups_[g].thresholds});
    for (size_t i = grouped_; i < seeking_; ++i)
      ScoreOne(rows, first, end, seekers_[i].vector.data(), seekers_[i].threshold,
               Receiver{&seekers_[i], &seekers_[i].threshold});
  }
}

Retrieval::Retrieval(int) : scratch_(std::make_unique<Scratch>()) {}

Retrieval::~Retrieval() = default;

void Retrieval::Run(const DesignTable& table, std::span<const RetrievalQuery> queries, int count,
                    std::span<std::vector<Scored>> results) {
  scratch_->Begin(table, queries, count);
  if (count > 0) scratch_->Select(table);
  for (size_t i = 0; i < queries.size(); ++i) scratch_->list(i).Finish(&results[i]);
}

float DotProduct(const float* a, const float* b, int stride) {
  Float8 sum = Broadcast(0.0F);
  for (int i = 0; i < stride; i += 8) sum = MultiplyAdd(Load(a + i), Load(b + i), sum);
  return Sum(sum);
}

}  // namespace catwalk::models
