#include "apps/evaluate/report.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "apps/evaluate/figures.h"
#include "apps/replay/progress.h"

namespace catwalk::apps {
namespace {

using evaluate::Estimate;
using evaluate::Group;
using evaluate::Metric;

constexpr std::string_view kTitles[evaluate::kMetrics] = {"Recall", "Precision", "F1", "MRR", "NDCG", "AUC", "novelty", "diversity"};
constexpr size_t kTitleWidth = 13, kCellWidth = 22;         // of the metrics
constexpr size_t kNameWidth = 24, kComparisonWidth = 32;  // of the baselines

std::string Title(Metric metric, int k) {
  const auto title = std::string(kTitles[static_cast<size_t>(metric)]);
  const bool of_list = metric < Metric::kAuc;
  return of_list ? title + "@" + std::to_string(k) : title;
}

std::string Count(int64_t count) { return WithCommas(static_cast<uint64_t>(count)); }

double Coverage(const EvaluationResult& result, const RecommenderResult& of, Group group) {
  return result.candidates == 0 ? 0 : static_cast<double>(of.sums.designs_shown(group)) / static_cast<double>(result.candidates);
}

double CpuPerMillion(const EvaluationResult& result) {
  return result.choices == 0 ? 0 : result.pipeline_cpu_s / static_cast<double>(result.choices) * 1e6;
}

boost::json::object GroupJson(const EvaluationResult& result, const RecommenderResult& of, Group group,
                              const std::array<Estimate, evaluate::kMetrics>* intervals) {
  boost::json::object object;
  object["events"] = of.sums.events(group);
  if (of.sums.events(group) == 0) return object;
  for (size_t i = 0; i < evaluate::kMetrics; ++i) {
    const std::string name(evaluate::kMetricNames[i]);
    object[name] = of.sums.Mean(group, static_cast<Metric>(i));
    if (intervals != nullptr) object[name + "_ci"] = {(*intervals)[i].low, (*intervals)[i].high};
  }
  object["coverage"] = Coverage(result, of, group);
  return object;
}

}  // namespace

EvaluationReport::EvaluationReport(const EvaluationResult& result)
    : result_(result), fit_(result.fit, result.options.seed) {
  using evaluate::Bootstrap;
  const Bootstrap bootstrap({.seed = result.options.seed});
  comparisons_.resize(result.recommenders.size() - 1);
  for (size_t group = 0; group < evaluate::kGroups; ++group) {
    const auto of = [&](const RecommenderResult& one) { return bootstrap.Resample(one.sums, static_cast<Group>(group)); };
    const auto pipeline = of(result.recommenders.front());
    pipeline_[group] = Bootstrap::Intervals(pipeline);
    if (group >= kCompared) continue;
    for (size_t i = 0; i < comparisons_.size(); ++i) {
      comparisons_[i].recall_gain[group] =
          Bootstrap::Difference(pipeline, of(result.recommenders[i + 1]), Metric::kRecall);
    }
  }
}

std::string EvaluationReport::Table() const {
  return Setting() + MetricsTable() + (comparisons_.empty() ? "" : ComparisonTable()) + fit_.Table() + Cost();
}

std::string EvaluationReport::Setting() const {
  const auto& pipeline = result_.recommenders.front().sums;
  return Count(result_.choices) + " events with a design, the first " + Count(result_.warmup) +
         " of them only to learn from; " + Count(pipeline.events(Group::kAll)) + " tested\nlists of " +
         std::to_string(result_.options.k) + " out of " + Count(result_.candidates) +
         " designs; [95 % intervals] by resampling users\n" +
         Unlike() + "\n";
}

std::string EvaluationReport::Unlike() const {
  if (result_.options.exploration == result_.served_exploration) return "";
  const auto number = [](double x) {
    char text[32];
    std::snprintf(text, sizeof(text), "%g", x);
    return std::string(text);
  };
  return "unlike catwalk run, where users.exploration is " + number(result_.served_exploration) + ", lists explore by " +
         number(result_.options.exploration) + "\n";
}

std::string EvaluationReport::MetricsTable() const {
  static constexpr std::string_view kHeads[evaluate::kGroups] = {"all", "warm users", "cold users", "new designs"};
  const auto& pipeline = result_.recommenders.front();
  const auto row = [](const std::string& title, const std::function<std::string(Group)>& cell) {
    std::string line = Padded(title, kTitleWidth);
    for (size_t i = 0; i < evaluate::kGroups; ++i) line += Padded(cell(static_cast<Group>(i)), kCellWidth);
    return Line(std::move(line));
  };
  const auto events = [&](Group group) { return pipeline.sums.events(group); };
  std::string text = row("", [&](Group group) {
    return std::string(kHeads[static_cast<size_t>(group)]) + " (" + Count(events(group)) + ")";
  });
  for (size_t metric = 0; metric < evaluate::kMetrics; ++metric) {
    text += row(Title(static_cast<Metric>(metric), result_.options.k), [&](Group group) {
      return events(group) > 0 ? WithInterval(pipeline_[static_cast<size_t>(group)][metric]) : "-";
    });
  }
  text += row("coverage", [&](Group group) { return Figure(Coverage(result_, pipeline, group)); });
  return text + "\nCold users and new designs had no event before. Without --designs new designs are never listed.\nAUC is against " +
         std::to_string(kAucDraws) + " designs drawn evenly; novelty is in bits, diversity 1 - cosine of factors.\n";
}

std::string EvaluationReport::ComparisonTable() const {
  const auto row = [](const std::string& name, const std::string& all, const std::string& warm) {
    return Line(Padded(name, kNameWidth) + Padded(all, kComparisonWidth) + warm);
  };
  const auto recall = [](const RecommenderResult& of, Group group) { return Figure(of.sums.Mean(group, Metric::kRecall)); };
  const auto& pipeline = result_.recommenders.front();
  std::string text = "\n" + row("Recall@" + std::to_string(result_.options.k), "all", "warm users");
  text += row(pipeline.name, recall(pipeline, Group::kAll), recall(pipeline, Group::kWarm));
  for (size_t i = 0; i < comparisons_.size(); ++i) {
    const auto& baseline = result_.recommenders[i + 1];
    const auto cell = [&](Group group) {
      const auto& gain = comparisons_[i].recall_gain[static_cast<size_t>(group)];
      return recall(baseline, group) + "  " + std::string(Verdict(gain));
    };
    text += row(baseline.name, cell(Group::kAll), cell(Group::kWarm));
  }
  return text + "better or worse: the 95 % interval of the difference, paired by user, does not hold 0\n";
}

std::string EvaluationReport::Cost() const {
  char cost[128];
  std::snprintf(cost, sizeof(cost), "\n%.0f CPU-seconds per million events for the pipeline and its queries; %.1f s in all\n",
                CpuPerMillion(result_), result_.wall_s);
  return cost;
}

std::string EvaluationReport::Json() const {
  boost::json::object object, metrics, ablations, baselines;
  const auto& pipeline = result_.recommenders.front();
  for (size_t i = 0; i < evaluate::kGroups; ++i)
    metrics[evaluate::kGroupNames[i]] = GroupJson(result_, pipeline, static_cast<Group>(i), &pipeline_[i]);
  for (size_t i = 0; i < comparisons_.size(); ++i) {
    const auto& baseline = result_.recommenders[i + 1];
    boost::json::object groups;
    for (size_t group = 0; group < kCompared; ++group) {
      auto figures = GroupJson(result_, baseline, static_cast<Group>(group), nullptr);
      const Estimate& gain = comparisons_[i].recall_gain[group];
      figures["recall_gain_of_catwalk"] = gain.value;
      figures["recall_gain_of_catwalk_ci"] = {gain.low, gain.high};
      groups[evaluate::kGroupNames[group]] = std::move(figures);
    }
    (baseline.kind == RecommenderKind::kAblation ? ablations : baselines)[baseline.name] = std::move(groups);
  }
  object["k"] = result_.options.k;
  object["events"] = result_.choices;
  object["warmup_events"] = result_.warmup;
  object["candidates"] = result_.candidates;
  object["metrics"] = std::move(metrics);
  object["ablations"] = std::move(ablations);
  object["baselines"] = std::move(baselines);
  if (!fit_.empty()) object["fit"] = fit_.Json();
  object["cpu_seconds_per_million"] = CpuPerMillion(result_);
  object["seconds"] = result_.wall_s;
  return boost::json::serialize(object) + "\n";
}

}  // namespace catwalk::apps
