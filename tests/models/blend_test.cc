#include "models/blend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

/// Designs with random features, of which the user takes one by a softmax of `weights`.
Comparison RandomChoice(const FeatureVector& weights, RandomModels* random) {
  std::vector<FeatureVector> designs;
  std::vector<double> shares;
  for (int i = 0; i < 17; ++i) {
    designs.push_back(random->Features());
    shares.push_back(std::exp(static_cast<double>(Logit(weights, designs.back()))));
  }
  std::discrete_distribution<size_t> choose(shares.begin(), shares.end());
  const size_t chosen = choose(random->random());
  std::swap(designs[chosen], designs.back());
  Comparison comparison{designs.back(), designs, 16, 1};
  comparison.others.pop_back();
  return comparison;
}

TEST(Blend, FindsTheWeightsThatChoicesWereMadeBy) {
  RandomModels random(1);
  FeatureVector truth{};
  truth[0] = 1.5F;
  truth[kNeighbourhood] = -1;
  truth[kFoldIn] = 0.5F;
  BlendState state;
  for (int i = 0; i < 20'000; ++i) Learn({}, RandomChoice(truth, &random), &state);
  const FeatureVector learned = state.weights.For({.experience = 1});
  for (size_t f = 0; f < learned.size(); ++f) EXPECT_NEAR(learned[f], truth[f], 0.15) << f;
  EXPECT_EQ(state.comparisons, 20'000);
}

TEST(Blend, LearnsWhatUsersOfOneExperienceDifferBy) {
  RandomModels random(2);
  FeatureVector novices{}, experts{};
  novices[0] = 1;
  experts[0] = -1;
  BlendState state;
  for (int i = 0; i < 20'000; ++i) {
    Comparison comparison = RandomChoice(i % 2 == 0 ? novices : experts, &random);
    comparison.cohort.experience = i % 2 == 0 ? 0 : 2;
    Learn({}, comparison, &state);
  }
  EXPECT_NEAR(state.weights.For({.experience = 0})[0], 1, 0.2);
  EXPECT_NEAR(state.weights.For({.experience = 2})[0], -1, 0.2);
  EXPECT_NEAR(state.weights.For({.experience = 1})[0], 0, 0.4) << "those never seen have what all share";
}

TEST(Blend, StepsDownTheLossByItsGradient) {
  RandomModels random(3);
  const Comparison comparison = RandomChoice({}, &random);
  BlendState state;
  Learn({.rate = 1e-3F}, comparison, &state);
  EXPECT_LT(Loss(state.weights, comparison), Loss(PriorBlend(), comparison));
}

TEST(Blend, CountsDrawnDesignsForAllThatTheyWereDrawnFrom) {
  Comparison comparison;
  comparison.others.resize(1);
  comparison.drawn_from = 99;
  EXPECT_NEAR(Loss(PriorBlend(), comparison), std::log(100), 1e-6) << "all alike: one in a hundred";
}

TEST(Blend, ScoresByWeightTimesValue) {
  RandomModels random(4);
  const FeatureVector weights = random.Features(), features = random.Features();
  double sum = 0;
  for (size_t f = 0; f < features.size(); ++f) sum += static_cast<double>(weights[f]) * static_cast<double>(features[f]);
  EXPECT_NEAR(Logit(weights, features), sum, 1e-5);
}

TEST(Blend, IgnoresWhatIsNotFiniteOrHasNoOthers) {
  BlendState state;
  Comparison comparison;
  Learn({}, comparison, &state);
  comparison.others.resize(2);
  Learn({}, comparison, &state);
  comparison.drawn_from = 99;
  for (const float x : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    comparison.others[1][3] = x;
    Learn({}, comparison, &state);
  }
  EXPECT_EQ(state, BlendState{});
}

TEST(Blend, KeepsWeightsBoundedUnderExtremeFeatures) {
  RandomModels random(5);
  BlendState state;
  for (int i = 0; i < 5'000; ++i) {
    Comparison comparison = RandomChoice({}, &random);
    for (float& x : comparison.chosen) x *= i % 2 == 0 ? 1e30F : 1e-30F;
    Learn({.rate = 100}, comparison, &state);
  }
  for (int experience = 0; experience < kExperiences; ++experience)
    for (const float weight : state.weights.For({experience})) EXPECT_LE(std::fabs(weight), 2 * kMaxBlendWeight);
}

}  // namespace
}  // namespace catwalk::models
