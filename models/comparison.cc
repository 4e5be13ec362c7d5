#include "models/comparison.h"

namespace catwalk::models {
namespace {

bool IsFinite(const FeatureVector& features) {
  return std::all_of(features.begin(), features.end(), [](float x) { return std::isfinite(x); });
}

}  // namespace

bool IsUsable(const Comparison& comparison) {
  return !comparison.others.empty() && comparison.drawn_from > 0 && IsUsable(comparison.cohort) &&
         IsFinite(comparison.chosen) &&
         std::all_of(comparison.others.begin(), comparison.others.end(), IsFinite);
}

}  // namespace catwalk::models
