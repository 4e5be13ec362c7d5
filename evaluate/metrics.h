#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "evaluate/outcome.h"

namespace catwalk::evaluate {

/// The metrics of a list with one design that was chosen. Sources: Recall, Precision, F1 and MRR as in Herlocker et al.
/// 2004; NDCG as in Jarvelin and Kekalainen 2002 (one relevant design: 1 / log2(rank + 2)); novelty as mean self-information
/// (Vargas and Castells 2011); intra-list diversity as in Ziegler et al. 2005.
enum class Metric { kRecall, kPrecision, kF1, kMrr, kNdcg, kAuc, kNovelty, kDiversity };
inline constexpr size_t kMetrics = 8;
inline constexpr std::array<std::string_view, kMetrics> kMetricNames = {"recall", "precision", "f1", "mrr",
                                                                       "ndcg", "auc", "novelty", "diversity"};

/// The events a figure is of: all tested ones, those of users with an earlier event and without, those whose design was no candidate.
enum class Group { kAll, kWarm, kCold, kNewDesigns };
inline constexpr size_t kGroups = 4;
inline constexpr std::array<std::string_view, kGroups> kGroupNames = {"all", "warm", "cold", "new_designs"};

using MetricValues = std::array<double, kMetrics>;

/// A figure and the interval it lies in with 95 % confidence.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

/// What an outcome contributes to each metric of a list of `k`.
MetricValues ValuesOf(const Outcome& outcome, int k);

/// The outcomes of one recommender, summed by user and group: all that means and their intervals need. Users are dense
/// numbers; memory is 72 bytes a user and group.
class OutcomeSums {
 public:
  explicit OutcomeSums(int k) : k_(k) {}

  /// `list`: the designs that were shown, dense numbers.
  void Add(const Outcome& outcome, std::span<const int32_t> list);

  struct UserSums {
    double events = 0;
    MetricValues sums{};
  };
  const std::vector<UserSums>& users(Group group) const { return users_[static_cast<size_t>(group)]; }
  int64_t events(Group group) const { return events_[static_cast<size_t>(group)]; }
  /// The mean of a metric; 0 without events.
  double Mean(Group group, Metric metric) const;
  /// How many different designs were shown.
  int64_t designs_shown(Group group) const { return shown_count_[static_cast<size_t>(group)]; }

 private:
  void AddTo(Group group, const Outcome& outcome, const MetricValues& values, std::span<const int32_t> list);

  int k_;
  std::array<std::vector<UserSums>, kGroups> users_;
  std::array<int64_t, kGroups> events_{};
  std::array<MetricValues, kGroups> totals_{};
  std::array<std::vector<bool>, kGroups> shown_;
  std::array<int64_t, kGroups> shown_count_{};
};

}  // namespace catwalk::evaluate
