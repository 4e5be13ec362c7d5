#include "evaluate/fit_baselines.h"

#include <algorithm>
#include <numeric>

namespace catwalk::evaluate {
namespace {

using Counts = std::array<double, kFits>;

constexpr double kOfDesign = 5, kOfUser = 20;   // pseudo-counts

Counts Normalised(Counts counts) {
  const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
  for (double& count : counts) count /= sum;
  return counts;
}

Counts Smoothed(const Counts& counts, const Counts& towards, double pseudo_count) {
  Counts smoothed;
  for (size_t i = 0; i < kFits; ++i) smoothed[i] = counts[i] + pseudo_count * towards[i];
  return Normalised(smoothed);
}

FitShares Shares(const Counts& counts) {
  FitShares shares;
  std::transform(counts.begin(), counts.end(), shares.begin(), [](double share) { return static_cast<float>(share); });
  return shares;
}

void Count(int32_t number, size_t fit, std::vector<Counts>* counts) {
  const auto at = static_cast<size_t>(number);
  if (counts->size() <= at) counts->resize(at + 1);
  (*counts)[at][fit] += 1;
}

}  // namespace

Counts FitBaselines::At(const std::vector<Counts>& counts, int32_t number) {
  const auto at = static_cast<size_t>(number);
  return at < counts.size() ? counts[at] : Counts{};
}

std::array<FitShares, FitBaselines::kCount> FitBaselines::Predict(int32_t user, int32_t design) const {
  const Counts all = Normalised(all_);
  const Counts of_design = Smoothed(At(designs_, design), all, kOfDesign), of_user = Smoothed(At(users_, user), all, kOfUser);
  Counts both;
  for (size_t i = 0; i < kFits; ++i) both[i] = of_design[i] * of_user[i] / all[i];
  return {Shares(all), Shares(of_design), Shares(of_user), Shares(Normalised(both))};
}

void FitBaselines::Learn(int32_t user, int32_t design, size_t fit) {
  all_[fit] += 1;
  Count(user, fit, &users_);
  Count(design, fit, &designs_);
}

}  // namespace catwalk::evaluate
