#include "evaluate/bootstrap.h"

#include <algorithm>

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

double At(std::vector<double>* values, double share) {
  const auto nth = values->begin() + static_cast<ptrdiff_t>(share * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), nth, values->end());
  return *nth;
}

}  // namespace

std::array<uint8_t, Bootstrap::kBlock> Bootstrap::Draw(int block, size_t user) const {
  const uint64_t hash = Mix(Mix(options_.seed + static_cast<uint64_t>(block)) ^ user);
  std::array<uint8_t, kBlock> times{};
  for (const uint64_t at_most : kPoisson) {  // nobody can predict it, so all are looked at
    for (size_t r = 0; r < kBlock; ++r) times[r] = static_cast<uint8_t>(times[r] + ((hash >> (16 * r) & 0xFFFF) >= at_most ? 1 : 0));
  }
  return times;
}

Bootstrap::Resampled Bootstrap::Resample(const OutcomeSums& outcomes, Group group) const {
  Resampled resampled;
  for (size_t i = 0; i < kMetrics; ++i) resampled.means[i] = outcomes.Mean(group, static_cast<Metric>(i));
  const auto& users = outcomes.users(group);
  for (int block = 0; kBlock * block < options_.resamples; ++block) {
    std::array<OutcomeSums::UserSums, kBlock> drawn{};
    for (size_t user = 0; user < users.size(); ++user) {
      if (users[user].events == 0) continue;
      const auto times = Draw(block, user);
      for (size_t r = 0; r < kBlock; ++r) {
        drawn[r].events += times[r] * users[user].events;
        for (size_t i = 0; i < kMetrics; ++i) drawn[r].sums[i] += times[r] * users[user].sums[i];
      }
    }
    for (const auto& [events, sums] : drawn) {
      MetricValues& means = resampled.resamples.emplace_back();
      for (size_t i = 0; i < kMetrics; ++i) means[i] = events > 0 ? sums[i] / events : 0;
    }
  }
  resampled.resamples.resize(static_cast<size_t>(options_.resamples));
  return resampled;
}

std::array<Estimate, kMetrics> Bootstrap::Intervals(const Resampled& outcomes) {
  std::array<Estimate, kMetrics> estimates;
  for (size_t i = 0; i < kMetrics; ++i) {
    std::vector<double> means;
    for (const MetricValues& values : outcomes.resamples) means.push_back(values[i]);
    estimates[i] = Interval(outcomes.means[i], std::move(means));
  }
  return estimates;
}

Estimate Bootstrap::Interval(double value, std::vector<double> resampled) {
  if (resampled.empty()) return {value, value, value};
  const double low = At(&resampled, 0.025);
  return {value, low, At(&resampled, 0.975)};
}

Estimate Bootstrap::Difference(const Resampled& ours, const Resampled& theirs, Metric metric) {
  const auto at = static_cast<size_t>(metric);
  std::vector<double> differences;
  for (size_t i = 0; i < ours.resamples.size(); ++i)
    differences.push_back(ours.resamples[i][at] - theirs.resamples[i][at]);
  return Interval(ours.means[at] - theirs.means[at], std::move(differences));
}

}  // namespace catwalk::evaluate
