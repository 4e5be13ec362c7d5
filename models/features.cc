#include "models/features.h"

#include <iterator>

namespace catwalk::models {
namespace {

constexpr std::string_view kNames[] = {
    "demand_200",       "demand_800",        "demand_3200",     "demand_16000",      "demand_64000",      "neighbourhood",
    "affinity_category", "affinity_silhouette", "affinity_colour", "affinity_material", "affinity_designer", "affinity_collection",
    "profile_demand",   "age",               "quiet",           "fold_in",           "return",
    "untouched",         "ranker",          "neighbourhood_long",
    "seen",             "segment_demand"};
static_assert(std::size(kNames) == kFeatures);

}  // namespace

std::bitset<kFeatures> FeaturesNamed(std::string_view word) {
  std::bitset<kFeatures> named;
  for (size_t f = 0; f < std::size(kNames); ++f) {
    const bool family = kNames[f].starts_with(word) && kNames[f].substr(word.size()).starts_with('_');
    named[f] = kNames[f] == word || (!word.empty() && family);
  }
  return named;
}

std::string_view FeatureFamilies() { return "demand, neighbourhood, affinity, profile_demand, segment_demand, age, quiet, fold_in, return, seen, untouched, ranker"; }

std::string_view NameOf(Feature feature) { return kNames[static_cast<size_t>(feature)]; }

}  // namespace catwalk::models
