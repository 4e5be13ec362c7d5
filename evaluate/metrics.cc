#include "evaluate/metrics.h"

#include <cmath>

namespace catwalk::evaluate {

MetricValues ValuesOf(const Outcome& outcome, int k) {
  const double hit = outcome.rank >= 0 && outcome.rank < k ? 1 : 0;
  const double place = static_cast<double>(outcome.rank) + 1;
  MetricValues values{};
  const auto set = [&](Metric metric, double value) { values[static_cast<size_t>(metric)] = value; };
  set(Metric::kRecall, hit);
  set(Metric::kPrecision, hit / k);
  set(Metric::kF1, 2 * hit / (k + 1));  // of recall 1 and precision 1/k
  set(Metric::kMrr, hit > 0 ? 1 / place : 0);
  set(Metric::kNdcg, hit > 0 ? 1 / std::log2(place + 1) : 0);
  set(Metric::kAuc, static_cast<double>(outcome.auc));
  set(Metric::kNovelty, static_cast<double>(outcome.novelty));
  set(Metric::kDiversity, static_cast<double>(outcome.diversity));
  return values;
}

void OutcomeSums::Add(const Outcome& outcome, std::span<const int32_t> list) {
  const MetricValues values = ValuesOf(outcome, k_);
  AddTo(Group::kAll, outcome, values, list);
  AddTo(outcome.warm ? Group::kWarm : Group::kCold, outcome, values, list);
  if (outcome.new_design) AddTo(Group::kNewDesigns, outcome, values, list);
}

void OutcomeSums::AddTo(Group group, const Outcome& outcome, const MetricValues& values, std::span<const int32_t> list) {
  const auto at = static_cast<size_t>(group), user = static_cast<size_t>(outcome.user);
  if (users_[at].size() <= user) users_[at].resize(user + 1);
  ++events_[at];
  ++users_[at][user].events;
  for (size_t i = 0; i < kMetrics; ++i) {
    users_[at][user].sums[i] += values[i];
    totals_[at][i] += values[i];
  }
  for (const int32_t shown : list) {
    const auto design = static_cast<size_t>(shown);
    if (shown_[at].size() <= design) shown_[at].resize(design + 1);
    shown_count_[at] += shown_[at][design] ? 0 : 1;
    shown_[at][design] = true;
  }
}

double OutcomeSums::Mean(Group group, Metric metric) const {
  const auto at = static_cast<size_t>(group);
  return events_[at] == 0 ? 0 : totals_[at][static_cast<size_t>(metric)] / static_cast<double>(events_[at]);
}

}  // namespace catwalk::evaluate
