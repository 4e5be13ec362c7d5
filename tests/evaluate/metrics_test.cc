#include "evaluate/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace catwalk::evaluate {
namespace {

double Of(const MetricValues& values, Metric metric) { return values[static_cast<size_t>(metric)]; }

TEST(Metrics, OfAHitFollowFromItsPlace) {
  const MetricValues values = ValuesOf({.rank = 2}, 10);  // the third of ten
  EXPECT_DOUBLE_EQ(Of(values, Metric::kRecall), 1);
  EXPECT_DOUBLE_EQ(Of(values, Metric::kPrecision), 0.1);
  EXPECT_DOUBLE_EQ(Of(values, Metric::kF1), 2 * 1 * 0.1 / 1.1);
  EXPECT_DOUBLE_EQ(Of(values, Metric::kMrr), 1.0 / 3);
  EXPECT_DOUBLE_EQ(Of(values, Metric::kNdcg), 1 / std::log2(4.0));
}

TEST(Metrics, OfAMissAreZero) {
  for (const int rank : {-1, 10}) {
    const MetricValues values = ValuesOf({.rank = rank}, 10);
    for (const Metric metric : {Metric::kRecall, Metric::kPrecision, Metric::kF1, Metric::kMrr, Metric::kNdcg})
      EXPECT_DOUBLE_EQ(Of(values, metric), 0) << rank;
  }
}

TEST(OutcomeSums, GroupsWarmUsersAndNewDesignsApart) {
  OutcomeSums sums(10);
  const int32_t list[] = {3, 5}, other[] = {5, 7};
  sums.Add({.user = 0, .rank = 0}, list);
  sums.Add({.user = 1, .rank = -1, .warm = true}, other);
  sums.Add({.user = 1, .rank = 4, .warm = true}, other);
  sums.Add({.user = 2, .rank = -1, .new_design = true}, list);
  EXPECT_EQ(sums.events(Group::kAll), 4);
  EXPECT_EQ(sums.events(Group::kWarm), 2);
  EXPECT_EQ(sums.events(Group::kCold), 2);
  EXPECT_EQ(sums.events(Group::kNewDesigns), 1);
  EXPECT_DOUBLE_EQ(sums.Mean(Group::kAll, Metric::kRecall), 0.5);
  EXPECT_DOUBLE_EQ(sums.Mean(Group::kWarm, Metric::kMrr), 0.1);
  EXPECT_EQ(sums.designs_shown(Group::kAll), 3);
  EXPECT_EQ(sums.designs_shown(Group::kWarm), 2);
}

TEST(OutcomeSums, WithoutEventsMeansAreZero) { EXPECT_EQ(OutcomeSums(10).Mean(Group::kAll, Metric::kRecall), 0); }

}  // namespace
}  // namespace catwalk::evaluate
