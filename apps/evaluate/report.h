#pragma once

#include <string>
#include <vector>

#include "apps/evaluate/evaluation.h"
#include "apps/evaluate/fit_report.h"
#include "evaluate/bootstrap.h"

namespace catwalk::apps {

/// A result with its intervals, ready to be told. Made once: resampling takes a second or two.
class EvaluationReport {
 public:
  explicit EvaluationReport(const EvaluationResult& result);

  /// For people, at most 100 columns wide.
  std::string Table() const;
  /// One object on one line; figures that cannot be told (no event) are absent.
  std::string Json() const;
  /// Recall over time, a moving average of each recommender, as an SVG.
  std::string Plot() const;

 private:
  std::string Setting() const;
  /// Defaults that differ from those that serve.
  std::string Unlike() const;
  std::string MetricsTable() const;
  std::string ComparisonTable() const;
  std::string Cost() const;

  static constexpr size_t kCompared = 3;  // groups: all, warm, cold
  struct Comparison {
    std::array<evaluate::Estimate, kCompared> recall_gain;  // of the pipeline over it, by group
  };
  using GroupEstimates = std::array<std::array<evaluate::Estimate, evaluate::kMetrics>, evaluate::kGroups>;

  const EvaluationResult& result_;
  FitReport fit_;
  GroupEstimates pipeline_;                // by group and metric
  std::vector<Comparison> comparisons_;    // by recommender after the first
};

}  // namespace catwalk::apps
