#include "models/design_statistics.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

struct Event {
  int64_t at_ms;
  float weight;
  std::vector<float> user;
};

std::vector<Event> RandomEvents(RandomModels* random, int count, int k) {
  std::vector<Event> events;
  for (int i = 0; i < count; ++i)
    events.push_back({kNow + random->Below(300) * kDay, static_cast<float>(1 + random->Below(4)), random->Vector(k)});
  return events;
}

/// The sums as they are defined, in doubles: everything decayed to the latest event.
Eigen::VectorXd DirectSolve(const DesignSolveOptions& options, const std::vector<Event>& events, DesignKey design) {
  int64_t latest = 0;
  for (const Event& event : events) latest = std::max(latest, event.at_ms);
  Eigen::MatrixXd a = options.lambda * Eigen::MatrixXd::Identity(options.k, options.k);
  const std::vector<float> prior = Prior(options.k, design);
  Eigen::VectorXd b = options.lambda * Eigen::Map<const Eigen::VectorXf>(prior.data(), options.k).cast<double>();
  for (const Event& event : events) {
    const double age = static_cast<double>(latest - event.at_ms) / static_cast<double>(options.half_life_ms);
    const Eigen::VectorXd p = Eigen::Map<const Eigen::VectorXf>(event.user.data(), options.k).cast<double>();
    a += event.weight * std::exp2(-age) * p * p.transpose();
    b += event.weight * std::exp2(-age) * p;
  }
  return a.llt().solve(b);
}

class SolvesAt : public testing::TestWithParam<int> {};

TEST_P(SolvesAt, AgreesWithADirectSolveWhateverTheOrderOfEvents) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    RandomModels random(seed);
    const DesignSolveOptions options{.k = GetParam()};
    const auto events = RandomEvents(&random, 60, options.k);
    DesignStatistics statistics;
    for (const Event& event : events) Update(options, event.at_ms, event.weight, event.user, &statistics);
    bool reset = true;
    const auto factor = SolveFactor(options, statistics, 17, &reset);
    EXPECT_FALSE(reset);
    const Eigen::VectorXd expected = DirectSolve(options, events, 17);
    const Eigen::VectorXd got = Eigen::Map<const Eigen::VectorXf>(factor.data(), options.k).cast<double>();
    EXPECT_LT((got - expected).norm(), 1e-5 * expected.norm()) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Dimensions, SolvesAt, testing::Values(1, 7, 8, 20, 32, 33));

TEST(DesignStatistics, DecayPopularityByItsOwnHalfLife) {
  DesignStatistics statistics;
  Update({}, kNow, 4, {}, &statistics);
  Update({}, kNow + 14 * kDay, 1, {}, &statistics);
  EXPECT_NEAR(statistics.popularity, 3.0, 1e-6);
  Update({}, kNow, 4, {}, &statistics);  // a half-life late
  EXPECT_NEAR(statistics.popularity, 5.0, 1e-6);
  EXPECT_EQ(statistics.at_ms, kNow + 14 * kDay);
  EXPECT_EQ(statistics.weight, 9.0);
  EXPECT_EQ(statistics.updates, 3);
  EXPECT_TRUE(statistics.a.empty());
}

TEST(DesignStatistics, DecayTheSumsAlsoWhenAnUnknownUserComes) {
  RandomModels random(1);
  const auto user = random.Vector(32);
  DesignStatistics statistics;
  Update({}, kNow, 1, user, &statistics);
  Update({}, kNow + DesignSolveOptions{}.half_life_ms, 1, {}, &statistics);
  EXPECT_FLOAT_EQ(statistics.b[3], 0.5F * user[3]);
}

TEST(DesignStatistics, IgnoreWhatIsNotFiniteOrAbsurd) {
  RandomModels random(2);
  DesignStatistics statistics;
  Update({}, kNow, 1, random.Vector(32), &statistics);
  const DesignStatistics before = statistics;
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float weight : {-1.0F, 1e30F, infinity, -infinity, std::nanf("")})
    Update({}, kNow, weight, random.Vector(32), &statistics);
  EXPECT_EQ(statistics, before);
  for (const float x : {1e30F, infinity, std::nanf("")}) {
    auto user = random.Vector(32);
    user[7] = x;
    Update({}, kNow, 1, user, &statistics);
  }
  Update({}, kNow, 1, random.Vector(31), &statistics);
  EXPECT_EQ(statistics.a, before.a);
  EXPECT_EQ(statistics.b, before.b);
  EXPECT_EQ(statistics.popularity, 5.0F);  // counted as from users not yet known
}

TEST(DesignStatistics, SurviveClocksThatJump) {
  RandomModels random(3);
  DesignStatistics statistics;
  const int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  for (const int64_t at_ms : {kNow, least, most, int64_t{0}, kNow, most, least})
    Update({}, at_ms, 1, random.Vector(32), &statistics);
  EXPECT_EQ(statistics.at_ms, most);
  for (const float x : SolveFactor({}, statistics, 3)) EXPECT_TRUE(std::isfinite(x));
  EXPECT_FLOAT_EQ(statistics.popularity, 2.0F);
}

TEST(DesignStatistics, StayBoundedOverAMillionRepeats) {
  RandomModels random(4);
  const auto user = random.Vector(32);
  DesignStatistics statistics;
  for (int i = 0; i < 1'000'000; ++i) Update({}, kNow, 4, user, &statistics);
  const auto factor = SolveFactor({}, statistics, 5);
  double score = 0;
  for (size_t i = 0; i < 32; ++i) score += static_cast<double>(factor[i]) * static_cast<double>(user[i]);
  EXPECT_NEAR(score, 1.0, 0.1);  // the sums have drifted
}

TEST(SolveFactor, GivesThePriorToADesignNobodyHasAVectorFor) {
  DesignStatistics statistics;
  EXPECT_EQ(SolveFactor({}, statistics, 9), Prior(32, 9));
  Update({}, kNow, 1, {}, &statistics);
  EXPECT_EQ(SolveFactor({}, statistics, 9), Prior(32, 9));
}

TEST(SolveFactor, FallsBackToThePriorOnSpoiltSums) {
  DesignStatistics statistics;
  Update({}, kNow, 1, RandomModels(1).Vector(32), &statistics);
  DesignStatistics spoilt = statistics;
  spoilt.a[0] = std::nanf("");
  EXPECT_EQ(SolveFactor({}, spoilt, 9), Prior(32, 9));
  spoilt = statistics;
  spoilt.a[0] = -1e30F;
  EXPECT_EQ(SolveFactor({}, spoilt, 9), Prior(32, 9));
  spoilt = statistics;
  spoilt.b[5] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(SolveFactor({}, spoilt, 9), Prior(32, 9));
}

TEST(SolveFactor, GrowsTheRidgeWhenTheSumsHaveDrifted) {
  DesignStatistics statistics;
  Update({}, kNow, 1, RandomModels(1).Vector(32), &statistics);
  statistics.a[0] = -5.0F;  // no sum of squares
  bool reset = false;
  const auto factor = SolveFactor({}, statistics, 9, &reset);
  EXPECT_TRUE(reset);
  EXPECT_NE(factor, Prior(32, 9));
  for (const float x : factor) EXPECT_LT(std::fabs(x), 1.0F);
}

TEST(Prior, IsCentredWithVarianceOneOverK) {
  double sum = 0, squares = 0;
  for (DesignKey design = 1; design <= 2000; ++design) {
    for (const float x : Prior(32, design)) {
      sum += static_cast<double>(x);
      squares += static_cast<double>(x) * static_cast<double>(x);
    }
  }
  EXPECT_NEAR(sum / 64000, 0.0, 0.003);
  EXPECT_NEAR(squares / 64000, 1.0 / 32, 0.0006);
  EXPECT_NE(Prior(32, 1), Prior(32, 2));
}

TEST(Prior, HasTheSameBitsEverywhere) {
  const auto prior = Prior(4, 1);
  EXPECT_EQ(prior, (std::vector<float>{0.235519409F, -0.056640625F, -0.539260864F, 0.43396759F}));
}

}  // namespace
}  // namespace catwalk::models
