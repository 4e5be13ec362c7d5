#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "models/cohort.h"
#include "models/features.h"

namespace catwalk::models {

/// A design that a user chose beside some that the blend ranked high for them and they did not choose; the features are as they were
/// before the choice.
struct Comparison {
  FeatureVector chosen{};
  std::vector<FeatureVector> others;   // drawn evenly
  int drawn_from = 0;                  // so many designs
  Cohort cohort;
  bool operator==(const Comparison&) const = default;
};

/// Whether there is something to learn from it: others, and no number that is not finite.
bool IsUsable(const Comparison& comparison);

/// What the softmax gives to the chosen design (first) and to each of the others. Logits of drawn designs are raised by
/// log(drawn_from / drawn) (the log-Q correction: Bengio, Senécal 2008), so that the sum stands for all of them.
template <class Logit>
std::vector<double> Softmax(const Comparison& comparison, Logit logit) {
  const double correction =
      std::log(static_cast<double>(comparison.drawn_from) / static_cast<double>(comparison.others.size()));
  std::vector<double> shares{static_cast<double>(logit(comparison.chosen))};
  for (const auto& other : comparison.others) shares.push_back(static_cast<double>(logit(other)) + correction);
  const double largest = *std::max_element(shares.begin(), shares.end());
  double sum = 0;
  for (double& share : shares) sum += share = std::exp(share - largest);
  for (double& share : shares) share /= sum;
  return shares;
}

/// -log of what the chosen one got.
inline double LossOf(const std::vector<double>& shares) { return -std::log(std::max(shares.front(), 1e-300)); }

}  // namespace catwalk::models
