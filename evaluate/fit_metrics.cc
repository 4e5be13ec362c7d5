#include "evaluate/fit_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace catwalk::evaluate {
namespace {

/// Figures of one predictor for any weights of the events. What can be sorted and computed once is.
class FitFigures {
 public:
  FitFigures(const SaidFits& said, const std::vector<FitShares>& shares) : said_(said) {
    for (size_t fit = 0; fit < kFits; ++fit) Rank(shares, fit);
    for (size_t event = 0; event < shares.size(); ++event) {
      const FitShares& of = shares[event];
      const size_t fit = said.fits[event];
      losses_.push_back(-std::log(std::max(static_cast<double>(of[fit]), 1e-9)));
      right_.push_back(std::max_element(of.begin(), of.end()) == of.begin() + fit ? 1 : 0);
    }
  }

  FitValues With(const std::vector<uint8_t>& weights) const {
    double sum = 0, loss = 0, right = 0;
    for (size_t event = 0; event < weights.size(); ++event) {
      sum += weights[event];
      loss += weights[event] * losses_[event];
      right += weights[event] * right_[event];
    }
    return sum == 0 ? FitValues{} : FitValues{MeanAuc(weights), loss / sum, right / sum};
  }

 private:
  /// An event among those ordered by share, ascending.
  struct Ranked {
    uint32_t event : 30;
    bool said : 1;        // whether this is what was said
    bool tied : 1;        // whether the share is that of the one before
  };
  static constexpr uint32_t kMostEvents = (1U << 30) - 1;

  void Rank(const std::vector<FitShares>& shares, size_t fit) {
    std::vector<uint32_t> events(shares.size());
    std::iota(events.begin(), events.end(), 0U);
    std::sort(events.begin(), events.end(), [&](uint32_t a, uint32_t b) {
      return shares[a][fit] != shares[b][fit] ? shares[a][fit] < shares[b][fit] : a < b;
    });
    for (size_t i = 0; i < events.size(); ++i)
      ranked_[fit].push_back({.event = events[i] & kMostEvents,
                              .said = said_.fits[events[i]] == fit,
                              .tied = i > 0 && shares[events[i]][fit] == shares[events[i - 1]][fit]});
  }

  double MeanAuc(const std::vector<uint8_t>& weights) const {
    double sum = 0;
    int count = 0;
    for (size_t fit = 0; fit < kFits; ++fit) {
      const double auc = Auc(ranked_[fit], weights);
      if (std::isnan(auc)) continue;   // nobody or everybody said so
      sum += auc;
      ++count;
    }
    return count == 0 ? 0.5 : sum / count;
  }

  /// Of every said event, twice the others below it and once those tied with it: once for each side of the tie that comes later. Without a
  /// branch, as this is done for every event of every resample.
  static double Auc(const std::vector<Ranked>& ranked, const std::vector<uint8_t>& weights) {
    uint64_t said = 0, others = 0, said_below = 0, others_below = 0, won_twice = 0;
    for (const Ranked& of : ranked) {
      said_below = of.tied ? said_below : said;
      others_below = of.tied ? others_below : others;
      const uint64_t weight = weights[of.event], as_said = of.said ? weight : 0, as_other = weight - as_said;
      won_twice += as_said * (others_below + others) + as_other * (said - said_below);
      said += as_said;
      others += as_other;
    }
    const double pairs = static_cast<double>(said) * static_cast<double>(others);
    return pairs > 0 ? static_cast<double>(won_twice) / 2 / pairs : std::nan("");
  }

  const SaidFits& said_;
  std::array<std::vector<Ranked>, kFits> ranked_;
  std::vector<double> losses_;
  std::vector<uint8_t> right_;
};

std::vector<double> Values(const std::vector<FitValues>& resamples, FitMetric metric) {
  std::vector<double> values;
  for (const FitValues& of : resamples) values.push_back(of[static_cast<size_t>(metric)]);
  return values;
}

}  // namespace

Estimate ResampledFit::Interval(FitMetric metric) const {
  return Bootstrap::Interval(values[static_cast<size_t>(metric)], Values(resamples, metric));
}

Estimate ResampledFit::Less(const ResampledFit& other, FitMetric metric) const {
  const auto at = static_cast<size_t>(metric);
  std::vector<double> differences = Values(resamples, metric);
  for (size_t i = 0; i < differences.size(); ++i) differences[i] -= other.resamples[i][at];
  return Bootstrap::Interval(values[at] - other.values[at], std::move(differences));
}

std::vector<ResampledFit> ResampleFits(const Bootstrap& bootstrap, const SaidFits& said,
                                       std::span<const std::vector<FitShares>> predictors) {
  std::vector<FitFigures> figures;
  std::vector<ResampledFit> resampled(predictors.size());
  std::vector<uint8_t> weights(said.fits.size(), 1);
  for (size_t i = 0; i < predictors.size(); ++i) {
    figures.emplace_back(said, predictors[i]);
    resampled[i].values = figures[i].With(weights);
  }
  for (int resample = 0; resample < bootstrap.resamples(); ++resample) {
    for (size_t event = 0; event < weights.size(); ++event)
      weights[event] = static_cast<uint8_t>(bootstrap.Draw(resample, static_cast<size_t>(said.users[event])));
    for (size_t i = 0; i < predictors.size(); ++i) resampled[i].resamples.push_back(figures[i].With(weights));
  }
  return resampled;
}

}  // namespace catwalk::evaluate
