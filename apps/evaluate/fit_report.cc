#include "apps/evaluate/fit_report.h"

#include <string_view>

#include "apps/evaluate/figures.h"
#include "apps/replay/progress.h"
#include "evaluate/bootstrap.h"

namespace catwalk::apps {
namespace {

using evaluate::Estimate;
using evaluate::FitMetric;

constexpr size_t kNameWidth = 22, kCellWidth = 24;
constexpr std::string_view kHeads[evaluate::kFitMetrics] = {"AUC", "log loss", "accuracy"};

boost::json::array Bounds(const Estimate& estimate) { return {estimate.low, estimate.high}; }

boost::json::object FiguresJson(const evaluate::ResampledFit& of) {
  boost::json::object figures;
  for (size_t i = 0; i < evaluate::kFitMetrics; ++i) {
    const Estimate estimate = of.Interval(static_cast<FitMetric>(i));
    const std::string name(evaluate::kFitMetricNames[i]);
    figures[name] = estimate.value;
    figures[name + "_ci"] = Bounds(estimate);
  }
  return figures;
}

}  // namespace

FitReport::FitReport(const FitResult& result, uint64_t seed) : result_(result) {
  if (empty()) return;
  std::vector<std::vector<evaluate::FitShares>> shares;
  for (const auto& predictor : result.predictors) shares.push_back(predictor.shares);
  resampled_ = evaluate::ResampleFits(evaluate::Bootstrap({.seed = seed}), result.said, shares);
}

std::string FitReport::Table() const {
  if (empty()) return {};
  std::string text = "\nFit: what was said of " + WithCommas(result_.said.fits.size()) + " sizes taken\n";
  std::string heads = Padded("", kNameWidth);
  for (const auto head : kHeads) heads += Padded(std::string(head), kCellWidth);
  text += Line(heads);
  for (size_t i = 0; i < resampled_.size(); ++i) {
    std::string line = Padded(result_.predictors[i].name, kNameWidth);
    for (size_t metric = 0; metric < evaluate::kFitMetrics; ++metric)
      line += Padded(WithInterval(resampled_[i].Interval(static_cast<FitMetric>(metric))), kCellWidth);
    text += Line(line);
  }
  const Estimate gain = resampled_.front().Less(resampled_.back(), FitMetric::kAuc);
  return text + "AUC of catwalk less that " + result_.predictors.back().name + ": " + WithInterval(gain) + ", " +
         std::string(Verdict(gain)) +
         "\nAUC is the mean of small, true and large, one against the rest; in log loss less is better.\n";
}

boost::json::object FitReport::Json() const {
  boost::json::object object, baselines;
  object["events"] = result_.said.fits.size();
  object["metrics"] = FiguresJson(resampled_.front());
  for (size_t i = 1; i < resampled_.size(); ++i) {
    auto figures = FiguresJson(resampled_[i]);
    const Estimate gain = resampled_.front().Less(resampled_[i], FitMetric::kAuc);
    figures["auc_gain_of_catwalk"] = gain.value;
    figures["auc_gain_of_catwalk_ci"] = Bounds(gain);
    baselines[result_.predictors[i].name] = std::move(figures);
  }
  object["baselines"] = std::move(baselines);
  return object;
}

}  // namespace catwalk::apps
