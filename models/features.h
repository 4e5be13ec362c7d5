#pragma once

#include <array>
#include <bitset>
#include <string_view>

#include "models/demand.h"

namespace catwalk::models {

/// What the blend weighs, by number. The numbers are stored with the weights and travel in comparisons: append only.
enum Feature : int {
  kRecentDemand = 0,                          // kHorizons of them: log of the decayed demand, fastest first
  kNeighbourhood = kRecentDemand + kHorizons, // log of co-visitation with the user's latest designs
  kAffinity,                                  // kAttributes of them: log lift of the design's value in the user's history
  kProfileDemand = kAffinity + 6,             // mean log lift of the user's profile groups in the design's demand
  kAge,                                       // log of the events since the design's first
  kQuiet,                                     // log of the events since the design's latest
  kFoldIn,                                    // product of user vector and design factor
  kReturn,                                    // the user had to do with the design lately, and how lately
  kUntouched,                                 // 1 if nobody has had to do with the design
  kRanker,                                    // what a small network makes of all others (models/ranker.h)
  kLongNeighbourhood,                         // kNeighbourhood over the user's whole taste: a hundred designs, forgotten slowly
  kSeen,                                      // 1 if the user has had to do with the design, however long ago
  kSegmentDemand,                             // log lift of the user's segment in the design's recent demand
  kFeatures,
};

/// Attributes of the catalogue that affinities are learned for: category, silhouette, colour, material, designer, collection.
inline constexpr int kAttributes = kProfileDemand - kAffinity;

using FeatureVector = std::array<float, kFeatures>;

/// The features that a word names: one of them, or a family ("demand", "affinity"). None for a word that names none.
std::bitset<kFeatures> FeaturesNamed(std::string_view word);
/// The words for --ablate: "demand, neighbourhood, …".
std::string_view FeatureFamilies();

/// "demand_200", "neighbourhood", "affinity_category" …: for people and for --ablate.
std::string_view NameOf(Feature feature);

}  // namespace catwalk::models
