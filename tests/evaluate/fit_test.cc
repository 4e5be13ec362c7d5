#include <gtest/gtest.h>

#include <cmath>

#include "evaluate/fit_baselines.h"
#include "evaluate/fit_metrics.h"

namespace catwalk::evaluate {
namespace {

/// Counts pairs.
double AucByPairs(const SaidFits& said, const std::vector<FitShares>& shares, size_t fit) {
  double won = 0, pairs = 0;
  for (size_t a = 0; a < shares.size(); ++a) {
    for (size_t b = 0; b < shares.size(); ++b) {
      if (said.fits[a] != fit || said.fits[b] == fit) continue;
      ++pairs;
      won += shares[a][fit] > shares[b][fit] ? 1 : shares[a][fit] == shares[b][fit] ? 0.5 : 0;
    }
  }
  return won / pairs;
}

TEST(FitMetrics, AreWhatTheirDefinitionsSay) {
  const SaidFits said{{0, 1, 0, 2, 3, 1}, {0, 1, 2, 1, 1, 0}};
  const std::vector<FitShares> shares{{.5F, .3F, .2F}, {.1F, .8F, .1F}, {.1F, .5F, .4F}, {.5F, .3F, .2F}, {.2F, .6F, .2F}, {.3F, .6F, .1F}};
  const auto resampled = ResampleFits(Bootstrap({}), said, std::span(&shares, 1));
  const auto& values = resampled.front().values;
  EXPECT_NEAR(values[0], (AucByPairs(said, shares, 0) + AucByPairs(said, shares, 1) + AucByPairs(said, shares, 2)) / 3, 1e-12);
  EXPECT_NEAR(values[1], -(std::log(.5) + std::log(.8) + std::log(.4) + std::log(.3) + std::log(.6) + std::log(.3)) / 6, 1e-6);
  EXPECT_NEAR(values[2], 3.0 / 6, 1e-12);
}

TEST(FitMetrics, IntervalsHoldTheFigureAndADifferenceWithItselfIsNone) {
  SaidFits said;
  std::vector<FitShares> shares;
  for (int i = 0; i < 600; ++i) {
    said.users.push_back(i / 2);
    said.fits.push_back(static_cast<uint8_t>(i * 7 % 3));
    const float share = 0.2F + 0.001F * static_cast<float>(i * 13 % 300);
    shares.push_back({share, 0.3F, 0.7F - share});
  }
  const auto resampled = ResampleFits(Bootstrap({}), said, std::span(&shares, 1)).front();
  for (const auto metric : {FitMetric::kAuc, FitMetric::kLogLoss, FitMetric::kAccuracy}) {
    const Estimate estimate = resampled.Interval(metric);
    EXPECT_LT(estimate.low, estimate.value);
    EXPECT_GT(estimate.high, estimate.value);
    const Estimate none = resampled.Less(resampled, metric);
    EXPECT_EQ(none.low, 0);
    EXPECT_EQ(none.high, 0);
  }
}

TEST(FitMetrics, OfNothingAreNothing) {
  const std::vector<FitShares> shares;
  EXPECT_EQ(ResampleFits(Bootstrap({.resamples = 3}), {}, std::span(&shares, 1)).front().values, FitValues{});
}

TEST(FitBaselines, KnowTheSharesOfDesignAndUser) {
  FitBaselines baselines;
  for (int i = 0; i < 97; ++i) baselines.Learn(i % 10, 0, 1);
  for (int i = 0; i < 100; ++i) baselines.Learn(20, 1, 0);
  const auto known = baselines.Predict(20, 1), fresh = baselines.Predict(99, 99);
  EXPECT_NEAR(known[0][0], 101.0 / 200, 1e-6);
  EXPECT_NEAR(known[1][0], (100 + 5 * 101.0 / 200) / 105, 1e-6);
  EXPECT_NEAR(known[2][0], (100 + 20 * 101.0 / 200) / 120, 1e-6);
  EXPECT_GT(known[3][0], known[1][0]) << "both say small";
  for (size_t i = 1; i < FitBaselines::kCount; ++i)
    for (size_t fit = 0; fit < kFits; ++fit) EXPECT_NEAR(fresh[i][fit], fresh[0][fit], 1e-6);
}

}  // namespace
}  // namespace catwalk::evaluate
