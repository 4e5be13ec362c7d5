#include "evaluate/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

namespace catwalk::evaluate {
namespace {

constexpr size_t kRecall = static_cast<size_t>(Metric::kRecall);

/// `users` users with `events` events each; user u hits in the first of them if u % every == 0, in all with `whole`.
OutcomeSums Sample(int users, int events, int every, bool whole) {
  OutcomeSums sums(10);
  for (int user = 0; user < users; ++user)
    for (int event = 0; event < events; ++event)
      sums.Add({.user = user, .rank = user % every == 0 && (whole || event == 0) ? 0 : -1}, {});
  return sums;
}

Bootstrap::Resampled Resampled(const OutcomeSums& sums) { return Bootstrap({}).Resample(sums, Group::kAll); }

Estimate Recall(const OutcomeSums& sums) { return Bootstrap::Intervals(Resampled(sums))[kRecall]; }

TEST(Bootstrap, DrawsAreThoseOfAPoissonDistribution) {
  const Bootstrap bootstrap({.seed = 3});
  double sum = 0, squares = 0;
  constexpr int kUsers = 50'000, kBlocks = 2;
  for (int block = 0; block < kBlocks; ++block) {
    for (size_t user = 0; user < kUsers; ++user) {
      for (const double times : bootstrap.Draw(block, user)) {
        sum += times;
        squares += times * times;
      }
    }
  }
  constexpr int kDraws = kUsers * kBlocks * Bootstrap::kBlock;
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 1, 0.01);
  EXPECT_NEAR(squares / kDraws - mean * mean, 1, 0.02);
}

TEST(Bootstrap, OfIndependentEventsIsTheBinomialInterval) {
  const auto interval = Recall(Sample(10'000, 1, 5, true));
  EXPECT_DOUBLE_EQ(interval.value, 0.2);
  const double deviation = std::sqrt(0.2 * 0.8 / 10'000);
  EXPECT_NEAR(interval.low, 0.2 - 1.96 * deviation, 0.4 * deviation);
  EXPECT_NEAR(interval.high, 0.2 + 1.96 * deviation, 0.4 * deviation);
}

TEST(Bootstrap, EventsOfAUserThatGoTogetherMakeItWider) {
  const auto width = [](const OutcomeSums& sums) {
    const auto interval = Recall(sums);
    return interval.high - interval.low;
  };
  // The same number of events and the same recall; a tenth as many users to draw from.
  EXPECT_GT(width(Sample(1'000, 10, 5, true)), 2.5 * width(Sample(10'000, 1, 5, true)));
}

TEST(Bootstrap, DifferencesArePairedByUser) {
  // Ours hits where theirs does and a little more: the difference is sure although each recall alone is not.
  const auto theirs = Sample(2'000, 1, 4, true);
  OutcomeSums ours(10);
  for (int user = 0; user < 2'000; ++user) ours.Add({.user = user, .rank = user % 4 == 0 || user % 100 == 1 ? 0 : -1}, {});
  const auto gain = Bootstrap::Difference(Resampled(ours), Resampled(theirs), Metric::kRecall);
  EXPECT_NEAR(gain.value, 0.01, 1e-9);
  EXPECT_GT(gain.low, 0);
  EXPECT_LT(gain.high - gain.low, 0.012);
}

TEST(Bootstrap, IsAFunctionOfItsSeed) {
  const auto draws = [](uint64_t seed) {
    std::vector<std::array<uint8_t, Bootstrap::kBlock>> drawn;
    for (size_t user = 0; user < 100; ++user) drawn.push_back(Bootstrap({.seed = seed}).Draw(2, user));
    return drawn;
  };
  EXPECT_EQ(draws(1), draws(1));
  EXPECT_NE(draws(1), draws(2));
}

}  // namespace
}  // namespace catwalk::evaluate
