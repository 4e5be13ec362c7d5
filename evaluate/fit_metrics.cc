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
  struct Ranked {
    std::vector<uint32_t> events;   // by share, ascending
    std::vector<uint8_t> ties;      // whether the share is that of the one before
  };

  void Rank(const std::vector<FitShares>& shares, size_t fit) {
    Ranked& ranked = ranked_[fit];
    ranked.events.resize(shares.size());
    std::iota(ranked.events.begin(), ranked.events.end(), 0U);
    std::sort(ranked.events.begin(), ranked.events.end(), [&](uint32_t a, uint32_t b) {
      return shares[a][fit] != shares[b][fit] ? shares[a][fit] < shares[b][fit] : a < b;
    });
    for (size_t i = 0; i < ranked.events.size(); ++i)
      ranked.ties.push_back(i > 0 && shares[ranked.events[i]][fit] == shares[ranked.events[i - 1]][fit] ? 1 : 0);
  }

  double MeanAuc(const std::vector<uint8_t>& weights) const {
    double sum = 0;
    int count = 0;
    for (size_t fit = 0; fit < kFits; ++fit) {
      const double auc = Auc(ranked_[fit], fit, weights);
      if (std::isnan(auc)) continue;   // nobody or everybody said so
      sum += auc;
      ++count;
    }
    return count == 0 ? 0.5 : sum / count;
  }

  double Auc(const Ranked& ranked, size_t fit, const std::vector<uint8_t>& weights) const {
    double said = 0, others = 0, won = 0, said_tied = 0, others_tied = 0;
    const auto close_tie = [&] {
      won += said_tied * (others + others_tied / 2);
      said += said_tied;
      others += others_tied;
      said_tied = others_tied = 0;
    };
    for (size_t i = 0; i < ranked.events.size(); ++i) {
      if (ranked.ties[i] == 0) close_tie();
      const uint32_t event = ranked.events[i];
      (said_.fits[event] == fit ? said_tied : others_tied) += weights[event];
    }
    close_tie();
    return said > 0 && others > 0 ? won / (said * others) : std::nan("");
  }

  const SaidFits& said_;
  std::array<Ranked, kFits> ranked_;
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
