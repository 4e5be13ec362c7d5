#include "evaluate/fit_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace catwalk::evaluate {
namespace {

/// Resamples whose figures are computed together: what is read of an event is read once for all, and the compiler makes vectors of them
/// (of fewer than 32 it makes single steps).
constexpr size_t kAtOnce = 32;
/// How often an event counts in each.
using Weights = std::array<uint8_t, kAtOnce>;

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

  std::array<FitValues, kAtOnce> With(const std::vector<Weights>& weights) const {
    std::array<double, kAtOnce> sum{}, loss{}, right{};
    for (size_t event = 0; event < weights.size(); ++event) {
      for (size_t r = 0; r < kAtOnce; ++r) {
        const double weight = weights[event][r];
        sum[r] += weight;
        loss[r] += weight * losses_[event];
        right[r] += weight * right_[event];
      }
    }
    const auto aucs = MeanAucs(weights);
    std::array<FitValues, kAtOnce> values{};
    for (size_t r = 0; r < kAtOnce; ++r)
      if (sum[r] > 0) values[r] = {aucs[r], loss[r] / sum[r], right[r] / sum[r]};
    return values;
  }

 private:
  /// An event among those ordered by share, ascending.
  struct Ranked {
    uint32_t event : 30;
    uint32_t said : 1;    // 1 if this is what was said
    uint32_t last : 1;    // 1 if the share of the next one is another
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
                              .last = i + 1 == events.size() || shares[events[i]][fit] != shares[events[i + 1]][fit]});
  }

  std::array<double, kAtOnce> MeanAucs(const std::vector<Weights>& weights) const {
    std::array<double, kAtOnce> sums{}, counts{};
    for (const auto& ranked : ranked_) {
      const auto aucs = Aucs(ranked, weights);
      for (size_t r = 0; r < kAtOnce; ++r) {
        if (std::isnan(aucs[r])) continue;   // nobody or everybody said so
        sums[r] += aucs[r];
        counts[r] += 1;
      }
    }
    for (size_t r = 0; r < kAtOnce; ++r) sums[r] = counts[r] == 0 ? 0.5 : sums[r] / counts[r];
    return sums;
  }

  /// Of every said event, twice the others below it and once those tied with it.
  static std::array<double, kAtOnce> Aucs(const std::vector<Ranked>& ranked, const std::vector<Weights>& weights) {
    using Counts = std::array<uint32_t, kAtOnce>;
    std::array<Counts, 2> tied{};   // of one share: others, said
    Counts others_below{}, said_below{};
    std::array<uint64_t, kAtOnce> won_twice{};
    for (const Ranked& of : ranked) {
      Counts& count = tied[of.said];
      const Weights& weight = weights[of.event];
      for (size_t r = 0; r < kAtOnce; ++r) count[r] += weight[r];
      if (of.last == 0) continue;
      const auto& [others, said] = tied;
      for (size_t r = 0; r < kAtOnce; ++r) won_twice[r] += uint64_t{said[r]} * (2 * others_below[r] + others[r]);
      for (size_t r = 0; r < kAtOnce; ++r) others_below[r] += others[r];
      for (size_t r = 0; r < kAtOnce; ++r) said_below[r] += said[r];
      tied = {};
    }
    std::array<double, kAtOnce> aucs;
    for (size_t r = 0; r < kAtOnce; ++r) {
      const double pairs = static_cast<double>(said_below[r]) * static_cast<double>(others_below[r]);
      aucs[r] = pairs > 0 ? static_cast<double>(won_twice[r]) / 2 / pairs : std::nan("");
    }
    return aucs;
  }

  const SaidFits& said_;
  std::array<std::vector<Ranked>, kFits> ranked_;
  std::vector<double> losses_;
  std::vector<uint8_t> right_;
};

/// How often a user counts in kAtOnce resamples.
Weights Draw(const Bootstrap& bootstrap, size_t first, size_t user) {
  Weights weights;
  for (size_t r = 0; r < kAtOnce; r += Bootstrap::kBlock)
    std::ranges::copy(bootstrap.Draw(static_cast<int>((first + r) / Bootstrap::kBlock), user), weights.begin() + static_cast<ptrdiff_t>(r));
  return weights;
}

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
  Weights once;
  once.fill(1);
  std::vector<Weights> weights(said.fits.size(), once);
  for (size_t i = 0; i < predictors.size(); ++i) {
    figures.emplace_back(said, predictors[i]);
    resampled[i].values = figures[i].With(weights).front();
  }
  const auto resamples = static_cast<size_t>(bootstrap.resamples());
  for (size_t first = 0; first < resamples; first += kAtOnce) {
    for (size_t event = 0; event < weights.size(); ++event) weights[event] = Draw(bootstrap, first, static_cast<size_t>(said.users[event]));
    for (size_t i = 0; i < predictors.size(); ++i) {
      const auto values = figures[i].With(weights);
      const size_t some = std::min(kAtOnce, resamples - first);
      resampled[i].resamples.insert(resampled[i].resamples.end(), values.begin(), values.begin() + static_cast<ptrdiff_t>(some));
    }
  }
  return resampled;
}

}  // namespace catwalk::evaluate
