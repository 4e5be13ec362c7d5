#include "models/most_wanted.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace catwalk::models {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

}  // namespace

void MostWanted::Set(int32_t row, std::span<const float, kHorizons> recent, int64_t last) {
  const auto at = static_cast<size_t>(row);
  if (at >= keys_.size()) {
    Keys none;
    none.fill(kNever);
    keys_.resize(at + 1, none);
  }
  for (size_t h = 0; h < kHorizons; ++h) {
    const double moved = static_cast<double>(last) / static_cast<double>(kHorizonEvents[h]);
    const double key = recent[h] > 0 ? std::log2(static_cast<double>(recent[h])) + moved : kNever;
    if (key < keys_[at][h]) stale_[h] = true;
    keys_[at][h] = key;
  }
  changed_.push_back(row);
}

void MostWanted::Remove(int32_t row, int32_t last) {
  if (static_cast<size_t>(last) < keys_.size()) {
    keys_[static_cast<size_t>(row)] = keys_[static_cast<size_t>(last)];
    keys_.pop_back();
  } else if (static_cast<size_t>(row) < keys_.size()) {
    keys_[static_cast<size_t>(row)].fill(kNever);
  }
  stale_.fill(true);
  changed_.clear();
}

bool MostWanted::Refresh(const Before& before) {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  bool changed = !changed_.empty();
  for (size_t h = 0; h < kHorizons; ++h) {
    changed = changed || stale_[h];
    if (std::exchange(stale_[h], false)) {
      Rebuild(h, before);
    } else {
      // All that changed leave their old places before the first finds its new one: a search among rows that are not in order ends
      // anywhere. They have gained, so with those that stay they hold the best of all.
      std::erase_if(rankings_[h], [this](int32_t row) { return std::binary_search(changed_.begin(), changed_.end(), row); });
      for (const int32_t row : changed_) Insert(row, h, before);
    }
  }
  changed_.clear();
  return changed;
}

bool MostWanted::IsMoreWanted(int32_t a, int32_t b, size_t horizon, const Before& before) const {
  const double key_a = keys_[static_cast<size_t>(a)][horizon], key_b = keys_[static_cast<size_t>(b)][horizon];
  return key_a != key_b ? key_a > key_b : before(a, b);
}

void MostWanted::Rebuild(size_t horizon, const Before& before) {
  auto& ranking = rankings_[horizon];
  ranking.clear();
  for (size_t row = 0; row < keys_.size(); ++row)
    if (keys_[row][horizon] != kNever) ranking.push_back(static_cast<int32_t>(row));
  const size_t kept = std::min(ranking.size(), kLength);
  const auto more_wanted = [&](int32_t a, int32_t b) { return IsMoreWanted(a, b, horizon, before); };
  std::partial_sort(ranking.begin(), ranking.begin() + static_cast<ptrdiff_t>(kept), ranking.end(), more_wanted);
  ranking.resize(kept);
}

void MostWanted::Insert(int32_t row, size_t horizon, const Before& before) {
  auto& ranking = rankings_[horizon];
  const auto more_wanted = [&](int32_t a, int32_t b) { return IsMoreWanted(a, b, horizon, before); };
  if (keys_[static_cast<size_t>(row)][horizon] == kNever) return;
  ranking.insert(std::upper_bound(ranking.begin(), ranking.end(), row, more_wanted), row);
  if (ranking.size() > kLength) ranking.pop_back();
}

}  // namespace catwalk::models
