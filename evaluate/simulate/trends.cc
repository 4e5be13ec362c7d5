#include "evaluate/simulate/trends.h"

#include <algorithm>
#include <cmath>

namespace catwalk::evaluate {
namespace {

constexpr double kStepsToForget = 20;
constexpr double kFadsAtATime = 2;    // in the mean, counting from their start to three times their height
constexpr double kLongestFad = 12;    // heights after which nothing of it is left: 12 exp(-11) < 0.001

}  // namespace

Drift::Drift(size_t count, double deviation, double days, int64_t start_ms, Dice dice)
    : deviation_(deviation), step_ms_(days * kDayMs / kStepsToForget), next_ms_(static_cast<double>(start_ms) + step_ms_), dice_(dice) {
  if (deviation <= 0) return;
  values_.resize(count);
  for (double& value : values_) value = deviation_ * dice_.Normal();
}

void Drift::MoveTo(int64_t at_ms) {
  if (values_.empty()) return;
  const double kept = std::exp(-1 / kStepsToForget), drawn = deviation_ * std::sqrt(1 - kept * kept);
  for (; next_ms_ <= static_cast<double>(at_ms); next_ms_ += step_ms_)
    for (double& value : values_) value = kept * value + drawn * dice_.Normal();
}

Fads::Fads(int dimensions, double height, double days, int64_t start_ms, double total_days, Dice dice)
    : dimensions_(dimensions), height_(height), peak_ms_(days * kDayMs) {
  if (height <= 0) return;
  const double first = static_cast<double>(start_ms) - kLongestFad * peak_ms_;
  const double last = static_cast<double>(start_ms) + 2 * total_days * kDayMs;
  for (double at = first; at < last; at += dice.Exponential() * 3 * peak_ms_ / kFadsAtATime) {
    Fad fad{at, {}};
    for (int i = 0; i < dimensions; ++i) fad.centre[static_cast<size_t>(i)] = dice.Normal();
    fads_.push_back(fad);
  }
}

void Fads::MoveTo(int64_t at_ms) {
  current_.clear();
  for (size_t i = 0; i < fads_.size(); ++i) {
    auto& fad = fads_[i];
    const double x = (static_cast<double>(at_ms) - fad.start_ms) / peak_ms_;
    if (x <= 0 || x > kLongestFad) continue;
    fad.strength = height_ * x * std::exp(1 - x);
    current_.push_back(i);
  }
}

double Fads::At(const Style& style) const {
  double sum = 0;
  for (const size_t i : current_) sum += fads_[i].strength * std::exp(-SquaredDistance(style, fads_[i].centre) / dimensions_);
  return sum;
}

}  // namespace catwalk::evaluate
