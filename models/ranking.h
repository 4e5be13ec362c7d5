#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "models/best_offers.h"
#include "models/design_table.h"
#include "models/retrieval.h"
#include "models/user_features.h"

namespace catwalk::models {

/// The best designs for a user, best first, and what spoke for each.
struct RankedList {
  std::vector<Scored> best;              // score: the logit of the blend
  std::vector<FeatureVector> features;   // of each
};

struct RankingOptions {
  /// Features that are taken as 0, for ablations.
  std::bitset<kFeatures> left_out;
  // Both reorder the first kReordered times as many designs as are asked for; scores stay what they are.
  /// How much of a design's worth for a list lies in being unlike those above it, in [0, 1] (models/diversify.h). Default: 0.
  float diversity = 0;
  /// How much is hoped of what is not sure: standard deviations of the product of user vector and a factor of length 1 in a design's
  /// direction that are added to its worth, weighed as the fold-in is. >= 0; needs RankingQuery::uncertainty. Default: 0.
  float exploration = 0;
};

/// Two stages: about 200 designs that any of the signals speaks for (most wanted lately at each horizon, or by the user's segments;
/// linked with what the user touched lately or ever; best by product; never touched but of attributes the user often chooses), then all
/// features of these, weighed by the blend of the table (models/blend.h). Ties go by design id, and a list does not depend on the batch
/// it was computed in, bit for bit. Scratch is inside: one per task, one thread.
class Ranking {
 public:
  /// Designs that each signal may name. 48 recall as much to a few thousandths and take a tenth longer for a list (docs/quality.md).
  static constexpr int kPerSignal = 32;

  /// Released last among those nobody has touched: of these the user's attributes choose.
  static constexpr size_t kUntouchedPool = 1024;

  /// Designs that diversity and exploration choose from, for each place in the list.
  static constexpr int kReordered = 3;

  /// Rankings of one thread may share `designs`, to look at those of a version once.
  Ranking(int k, const RankingOptions& options, std::shared_ptr<DesignFeatures> designs = std::make_shared<DesignFeatures>())
      : options_(options), retrieval_(k), features_(options.left_out, std::move(designs)) {}

  /// `results[i]` gets the at most `count` best of queries[i]: as many as are eligible, if the table has them.
  void Run(const DesignTable& table, std::span<const RankingQuery> queries, int count, std::span<RankedList> results);
  /// What the blend gives these rows, whoever speaks for them, in their order; valid until the next call.
  std::span<const float> Score(const DesignTable& table, const RankingQuery& query, std::span<const int32_t> rows);

 private:
  /// What Gather knows of a row.
  enum State : uint8_t { kOpen, kExcluded, kCandidate };

  void RunOne(const DesignTable& table, const RankingQuery& query, std::span<const Scored> by_product, int count,
              RankedList* result);
  void Gather(const DesignTable& table, const RankingQuery& query, std::span<const Scored> by_product, int count);
  bool MayBeShown(const DesignTable& table, const RankingQuery& query, int32_t row) const;
  void GatherSome(const DesignTable& table, const RankingQuery& query, std::span<const int32_t> rows, int limit);
  void AddCandidate(int32_t row);
  void GatherBest(const DesignTable& table, const RankingQuery& query, std::span<const int32_t> rows, const UserFeatures::Column& scores);
  void GatherUntouched(const DesignTable& table, const RankingQuery& query);
  using Ranked = std::pair<float, int32_t>;   // a logit, and the place in rows_ that has it
  bool RanksBefore(const DesignTable& table, const Ranked& a, const Ranked& b) const;
  bool IsAmongBest(const DesignTable& table, size_t place, std::span<const float> logits, int count) const;
  void Select(const DesignTable& table, std::span<const float> logits, int count);
  void Explore(const DesignTable& table, Uncertainty* uncertainty);
  void DiversifyBest(const DesignTable& table, int count);

  RankingOptions options_;
  Retrieval retrieval_;
  std::vector<RetrievalQuery> retrieval_queries_;
  std::vector<std::vector<Scored>> by_product_;   // by query
  UserFeatures features_;
  std::vector<int32_t> rows_;                     // the candidates
  std::vector<State> states_;                     // by row; all kOpen between queries
  std::vector<int32_t> order_;
  BestOffers offers_{kPerSignal};
  AlignedVector<float> scores_;                   // a column: the logits
  std::vector<Ranked> ranked_;
  std::vector<int32_t> best_;                     // places in rows_, best first
  std::vector<float> worth_;                      // of each of these: its logit, and what is hoped of it
  AlignedVector<float> factors_;                  // of these
  std::vector<float> deviations_;                 // of what the user makes of them
  std::vector<std::pair<float, int32_t>> hoped_;  // worth and place
};

}  // namespace catwalk::models
