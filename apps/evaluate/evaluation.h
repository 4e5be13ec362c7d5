#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "apps/evaluate/offline_pipeline.h"
#include "apps/evaluate/timeline.h"
#include "evaluate/baseline.h"
#include "evaluate/fit_baselines.h"
#include "evaluate/fit_metrics.h"
#include "evaluate/metrics.h"

namespace catwalk::apps {

struct EvaluationOptions {
  /// Designs in a list. Default: 10.
  int k = 10;
  /// The share of the events, from the start, that only teach. In [0, 1). Default: 0.3.
  double warmup = 0.3;
  /// Events whose design the user had before are not tested, and lists leave out what the user had. Default: false.
  bool exclude_seen = false;
  /// Kinds of events that are tested ("rental"); empty: all.
  std::set<models::InteractionKind> only_kinds = {};
  bool baselines = false;
  /// Standard deviations that lists explore by (users.exploration). Default: 0, unlike when it serves: what lists are worth is measured.
  double exploration = 0;
  /// Of what AUC draws and baselines start from. Default: 1.
  uint64_t seed = 1;
};

enum class RecommenderKind {
  kCatwalk,    // the pipeline as it serves
  kAblation,   // the pipeline without a part
  kBaseline,
};

/// One recommender's share of an evaluation.
struct RecommenderResult {
  RecommenderResult(RecommenderKind of_kind, std::string of, int k) : kind(of_kind), name(std::move(of)), sums(k) {}
  RecommenderKind kind;
  std::string name;
  evaluate::OutcomeSums sums;
  std::vector<uint8_t> hits;  // by tested event, in order
};

/// What was predicted of each fit that was said, and what was said.
struct FitResult {
  struct Predictor {
    std::string name;
    std::vector<evaluate::FitShares> shares;
  };
  evaluate::SaidFits said;
  std::vector<Predictor> predictors;   // the pipeline first
};

struct EvaluationResult {
  EvaluationOptions options;
  double served_exploration = 0;    // what serves instead of options.exploration
  int64_t choices = 0;              // events with a design, in the whole input
  int64_t warmup = 0;               // of them, those that only taught
  int64_t candidates = 0;           // designs with an event, at the end
  double pipeline_cpu_s = 0;        // of the pipeline and its queries; reading, ablations and baselines apart
  double wall_s = 0;
  bool interrupted = false;
  std::vector<int64_t> tested_at_ms;
  std::vector<RecommenderResult> recommenders;  // the pipeline first
  FitResult fit;
};

/// A pipeline to be evaluated. Borrowed.
struct EvaluatedPipeline {
  std::string name;
  OfflinePipeline* pipeline = nullptr;
};

/// AUC is taken against so many designs, drawn evenly from the candidates with replacement.
inline constexpr int kAucDraws = 100;

/// Plays a timeline through pipelines (the first as it serves, the others without a part), event by event: asks for the user's list before a tested event (the query behind GET
/// …/recommendations), scores it, then lets the event in. Baselines are asked and taught the same. One thread.
class Evaluation {
 public:
  /// `timeline` outlives it.
  Evaluation(const EvaluationOptions& options, const Timeline& timeline, std::vector<EvaluatedPipeline> pipelines);

  /// `progress` is called with the entries done.
  Result<EvaluationResult> Run(const std::stop_token& stop, const std::function<void(int64_t)>& progress);

 private:
  struct Candidate {
    int32_t design = 0;
    float score = 0;
  };

  Status Play(const TimelineEntry& entry);
  bool IsTested(const TimelineEntry& entry) const;
  Status Test(const TimelineEntry& entry);
  Status TestFit(const TimelineEntry& entry);
  Status Take(const std::vector<schemas::OutgoingRecord>& records, int64_t at_ms);
  Status TestPipeline(const TimelineEntry& entry, size_t which);
  void AskScores(const TimelineEntry& entry, const operators::UserQuery::Question& question, operators::UserQuery* query);
  void TestBaseline(const TimelineEntry& entry, evaluate::Baseline* baseline, RecommenderResult* result);
  void Learn(const TimelineEntry& entry);
  evaluate::Choice ChoiceOf(const TimelineEntry& entry) const;
  void DrawCandidates(const TimelineEntry& entry);
  void Judge(const TimelineEntry& entry, std::span<const int32_t> list, const std::function<float(int32_t)>& score,
             RecommenderResult* result) const;
  float Novelty(std::span<const int32_t> list) const;
  float Diversity(std::span<const int32_t> list) const;
  bool IsCandidate(const TimelineEntry& entry) const;
  const std::unordered_set<int32_t>& SeenBy(int32_t user) const;

  EvaluationOptions options_;
  const Timeline& timeline_;
  std::vector<EvaluatedPipeline> pipelines_;
  std::vector<std::unique_ptr<evaluate::Baseline>> baselines_;
  evaluate::FitBaselines fit_baselines_;
  EvaluationResult result_;
  int64_t choices_seen_ = 0;
  std::vector<std::unordered_set<int32_t>> seen_;   // by user
  std::vector<int64_t> counts_;                     // events by design
  std::vector<int32_t> candidates_;                 // designs with an event, in the order they came
  std::vector<models::DesignKey> design_keys_;      // by dense number
  std::unordered_map<models::DesignKey, int32_t> design_of_;
  std::vector<float> scores_;
  std::vector<int32_t> drawn_;                      // what AUC of the event under test is against
};

}  // namespace catwalk::apps
