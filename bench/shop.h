#pragma once

#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/hash.h"
#include "models/design_table.h"

/// The seeded shop that parts of the model are timed in.
namespace catwalk::models {

inline constexpr int kDimensions = 32;
inline constexpr int kDesigns = 10'000;
inline constexpr int64_t kNow = 1'700'000'000'000;
inline constexpr int64_t kHour = 3'600'000;

inline std::vector<float> RandomVector(std::mt19937& random) {
  std::normal_distribution<float> normal(0.0F, 0.2F);
  std::vector<float> vector(kDimensions);
  for (float& x : vector) x = normal(random);
  return vector;
}

inline std::string IdOf(int design) { return "design-" + std::to_string(design); }

/// A design by Zipf: the n-th is chosen 1/n as often as the first, give or take.
inline int ByZipf(std::mt19937& random) {
  const double share = std::uniform_real_distribution<double>(0, 1)(random);
  return static_cast<int>(std::pow(static_cast<double>(kDesigns), share) - 1);
}

/// Designs with demand by Zipf, six of 96 profile groups each time, sixty categories and neighbours; segments, and a ranker in use.
inline std::shared_ptr<const DesignTable> ShopTable(std::mt19937& random) {
  DesignTableBuilder builder({});
  std::vector<FactorEntry> entries;
  for (int i = 0; i < kDesigns; ++i) entries.push_back({RandomVector(random), 1.0F, kNow, 0.0});
  for (int64_t clock = 1; clock <= 300'000; ++clock) {
    auto& entry = entries[static_cast<size_t>(ByZipf(random))];
    std::vector<uint64_t> groups;
    for (int g = 0; g < 6; ++g) groups.push_back(Mix64(static_cast<uint64_t>(g) * 100 + random() % 16));
    Count(clock, 4, {groups, {}}, &entry.demand);
    entry.weight += 4;
  }
  for (int i = 0; i < kDesigns; ++i) {
    CatalogueEntry catalogue;
    catalogue.category = "c" + std::to_string(random() % 60);
    std::vector<Neighbour> before;
    for (int n = 0; n < 64; ++n) before.push_back({KeyOf(IdOf(static_cast<int>(random() % kDesigns))), 1.0F, kNow});
    if (!builder.ApplyFactor(IdOf(i), entries[static_cast<size_t>(i)], 0).ok() || !builder.ApplyCatalogue(IdOf(i), catalogue, 0).ok())
      std::abort();
    builder.ApplyNeighbours(IdOf(i), before, 0);
  }
  BlendWeights weights = PriorBlend();
  weights.shared[kRanker] = 1;
  if (!builder.ApplyBlend(weights, 0).ok() || !builder.ApplyRanker(FirstRanker(), 0).ok() ||
      !builder.ApplySegments(FirstSegments(kDimensions), 0).ok())
    std::abort();
  return builder.Publish();
}

}  // namespace catwalk::models
