#include "models/ranker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/blend.h"
#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

/// A choice among 17 by the softmax of `worth`.
template <class Worth>
Comparison Choice(Worth worth, RandomModels* random) {
  Comparison comparison{{}, {}, 16, 1};
  std::vector<double> shares;
  for (int i = 0; i < 17; ++i) {
    comparison.others.push_back(random->Features());
    shares.push_back(std::exp(worth(comparison.others.back())));
  }
  std::discrete_distribution<size_t> choose(shares.begin(), shares.end());
  std::swap(comparison.others[choose(random->random())], comparison.others.back());
  comparison.chosen = comparison.others.back();
  comparison.others.pop_back();
  return comparison;
}

double Together(const FeatureVector& features) {
  return 1.5 * static_cast<double>(features[kNeighbourhood]) * static_cast<double>(features[kFoldIn]);
}
double Apart(const FeatureVector& features) {
  return static_cast<double>(features[kNeighbourhood]) + static_cast<double>(features[kFoldIn]);
}

RankerWeights RandomRanker(RandomModels* random) {
  RankerWeights ranker = FirstRanker();
  for (size_t f = 0; f < kFeatures; ++f) {
    ranker.mean[f] = random->Vector(1)[0];
    ranker.per_deviation[f] = static_cast<float>(1 + random->Below(3));
  }
  for (float& weight : ranker.output) weight = random->Vector(1, 1.0F)[0];
  for (auto& bias : ranker.bias)
    for (float& x : bias) x = random->Vector(1, 1.0F)[0];
  return ranker;
}

TEST(Ranker, SaysNothingBeforeItHasLearned) {
  RandomModels random(1);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(RankerTerm(FirstRanker(), random.Features(), i % 3), 0.0F);
}

TEST(Ranker, IsTheFormula) {
  RandomModels random(2);
  const RankerWeights ranker = RandomRanker(&random);
  const FeatureVector features = random.Features();
  double term = 0;
  for (size_t u = 0; u < kHiddenUnits; ++u) {
    double sum = static_cast<double>(ranker.bias[2][u]);
    for (size_t f = 0; f < kFeatures; ++f) {
      const double z = static_cast<double>((features[f] - ranker.mean[f]) * ranker.per_deviation[f]);
      if (f != kRanker) sum += static_cast<double>(ranker.input[u][f]) * std::clamp(z, -4.0, 4.0);
    }
    term += static_cast<double>(ranker.output[u]) * std::max(sum, 0.0);
  }
  EXPECT_NEAR(RankerTerm(ranker, features, 2), term, 1e-4);
}

TEST(Ranker, GivesManyTheSameBitsAsOne) {
  RandomModels random(3);
  const RankerWeights ranker = RandomRanker(&random);
  std::array<std::vector<float>, kFeatures> columns;
  std::array<const float*, kFeatures> heads;
  for (size_t f = 0; f < kFeatures; ++f) {
    columns[f] = random.Vector(24, 3.0F);
    heads[f] = columns[f].data();
  }
  std::vector<float> terms(24);
  RankerTerms(ranker, heads, 1, terms);
  for (size_t i = 0; i < terms.size(); ++i) {
    FeatureVector features;
    for (size_t f = 0; f < kFeatures; ++f) features[f] = columns[f][i];
    EXPECT_EQ(terms[i], RankerTerm(ranker, features, 1));
  }
}

TEST(Ranker, LearnsHowSignalsWorkTogetherWhichWeightsCannot) {
  RandomModels random(4);
  BlendState state;
  for (int i = 0; i < 20'000; ++i) Learn({}, Choice(Together, &random), &state);
  EXPECT_TRUE(state.ranker.in_use);
  EXPECT_EQ(state.weights.shared[kRanker], 1.0F);
  EXPECT_GT(state.ranker.gain, 0.2) << "nats a choice";
  const auto term = [&](float neighbourhood, float fold_in) {
    FeatureVector features{};
    features[kNeighbourhood] = neighbourhood;
    features[kFoldIn] = fold_in;
    return RankerTerm(state.ranker.weights, features, 1);
  };
  EXPECT_GT(term(1, 1), term(-1, 1) + 1);
  EXPECT_GT(term(-1, -1), term(1, -1) + 1);
}

TEST(Ranker, StaysOutOfUseWhereWeightsSayAll) {
  RandomModels random(5);
  BlendState state;
  int in_use = 0;
  for (int i = 0; i < 20'000; ++i) {
    Learn({}, Choice(Apart, &random), &state);
    in_use += state.ranker.in_use ? 1 : 0;
  }
  EXPECT_LT(in_use, 2'000);
  EXPECT_EQ(state.weights.shared[kRanker], state.ranker.in_use ? 1.0F : 0.0F);
}

TEST(Ranker, StaysFiniteWhateverItLearnsFrom) {
  RandomModels random(6);
  BlendState state;
  for (int i = 0; i < 2'000; ++i) {
    Comparison comparison = Choice(Together, &random);
    for (float& x : comparison.chosen) x *= i % 3 == 0 ? 1e30F : 1e-30F;
    comparison.others[0].fill(i % 2 == 0 ? std::numeric_limits<float>::max() : std::numeric_limits<float>::lowest());
    Learn({}, comparison, &state);
    ASSERT_TRUE(IsUsable(state.ranker.weights)) << i;
  }
  for (int i = 0; i < 1'000; ++i) Learn({}, {{}, std::vector<FeatureVector>(16), 16, 0}, &state);
  EXPECT_TRUE(IsUsable(state.ranker.weights));
  EXPECT_TRUE(std::isfinite(state.ranker.gain));
}

}  // namespace
}  // namespace catwalk::models
