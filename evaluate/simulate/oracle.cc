#include "evaluate/simulate/oracle.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace catwalk::evaluate {

void Oracle::Take(const SimulatedChoice& choice, std::span<const double> odds) {
  touched_.resize(odds.size());
  if (seen_++ >= options_.warmup) {
    const double reached = BestList(odds);
    ++tested_;
    sum_ += reached;
    if (!choice.first_of_user) {
      ++warm_;
      warm_sum_ += reached;
    }
  }
  touched_[static_cast<size_t>(choice.design)] = true;
}

double Oracle::BestList(std::span<const double> odds) {
  best_.assign(odds.begin(), odds.end());
  if (!options_.catalogue) {
    for (size_t i = 0; i < best_.size(); ++i)
      if (!touched_[i]) best_[i] = 0;
  }
  const auto end = best_.begin() + std::min<ptrdiff_t>(options_.k, std::ssize(best_));
  std::partial_sort(best_.begin(), end, best_.end(), std::greater<>());
  return std::accumulate(best_.begin(), end, 0.0);
}

}  // namespace catwalk::evaluate
