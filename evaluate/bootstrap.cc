#include "evaluate/bootstrap.h"

#include <algorithm>
#include <iterator>

namespace catwalk::evaluate {
namespace {

/// SplitMix64 (Steele et al. 2014): a hash good enough to draw from.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// P(Poisson(1) <= n) in units of 2^-16, n = 0 … 7; what is left is 8.
constexpr uint64_t kPoisson[] = {24109, 48219, 60273, 64291, 65296, 65497, 65531, 65535};
constexpr int kDrawsPerHash = 4;

double At(std::vector<double>* values, double share) {
  const auto nth = values->begin() + static_cast<ptrdiff_t>(share * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), nth, values->end());
  return *nth;
}

Estimate Interval(double value, std::vector<double> resampled) {
  if (resampled.empty()) return {value, value, value};
  const double low = At(&resampled, 0.025);
  return {value, low, At(&resampled, 0.975)};
}

}  // namespace

int Bootstrap::Draw(int resample, size_t user) const {
  const uint64_t hash = Mix(Mix(options_.seed + static_cast<uint64_t>(resample / kDrawsPerHash)) ^ user);
  const uint64_t drawn = hash >> (16 * (resample % kDrawsPerHash)) & 0xFFFF;
  int times = 0;
  while (times < static_cast<int>(std::size(kPoisson)) && drawn >= kPoisson[times]) ++times;
  return times;
}

Bootstrap::Means Bootstrap::Resample(const OutcomeSums& outcomes, Group group) const {
  Means means(static_cast<size_t>(options_.resamples));
  const auto& users = outcomes.users(group);
  for (int resample = 0; resample < options_.resamples; ++resample) {
    double events = 0;
    MetricValues sums{};
    for (size_t user = 0; user < users.size(); ++user) {
      if (users[user].events == 0) continue;
      const double times = Draw(resample, user);
      if (times == 0) continue;
      events += times * users[user].events;
      for (size_t i = 0; i < kMetrics; ++i) sums[i] += times * users[user].sums[i];
    }
    for (size_t i = 0; i < kMetrics; ++i) means[static_cast<size_t>(resample)][i] = events > 0 ? sums[i] / events : 0;
  }
  return means;
}

std::array<Estimate, kMetrics> Bootstrap::Intervals(const OutcomeSums& outcomes, Group group) const {
  const Means means = Resample(outcomes, group);
  std::array<Estimate, kMetrics> estimates;
  for (size_t i = 0; i < kMetrics; ++i) {
    std::vector<double> resampled;
    for (const MetricValues& values : means) resampled.push_back(values[i]);
    estimates[i] = Interval(outcomes.Mean(group, static_cast<Metric>(i)), std::move(resampled));
  }
  return estimates;
}

Estimate Bootstrap::Difference(const OutcomeSums& ours, const OutcomeSums& theirs, Group group, Metric metric) const {
  const Means a = Resample(ours, group), b = Resample(theirs, group);
  std::vector<double> differences;
  for (size_t i = 0; i < a.size(); ++i)
    differences.push_back(a[i][static_cast<size_t>(metric)] - b[i][static_cast<size_t>(metric)]);
  return Interval(ours.Mean(group, metric) - theirs.Mean(group, metric), std::move(differences));
}

}  // namespace catwalk::evaluate
