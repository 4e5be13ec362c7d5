#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "models/design_table.h"
#include "models/interaction.h"
#include "models/user_features.h"

namespace catwalk::models {

inline constexpr int64_t kNow = 1'700'000'000'000;
inline constexpr int64_t kDay = 86'400'000;

/// Seeded inputs for tests.
class RandomModels {
 public:
  explicit RandomModels(unsigned seed) : random_(seed) {}

  int Below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
  std::vector<float> Vector(int k, float scale = 0.3F) {
    std::normal_distribution<float> normal(0.0F, scale);
    std::vector<float> vector(static_cast<size_t>(k));
    for (float& x : vector) x = normal(random_);
    return vector;
  }
  FeatureVector Features() {
    FeatureVector features;
    for (float& feature : features) feature = Vector(1, 1.0F)[0];
    return features;
  }
  FactorEntry Factor(int k) {
    return {Vector(k), static_cast<float>(Below(1000)) / 10, kNow - Below(100) * kDay, static_cast<double>(Below(1000))};
  }
  /// Oldest first, of designs that "d0" … count up to.
  std::vector<Interaction> History(int entries, int designs) {
    std::vector<Interaction> history;
    for (int i = entries; i > 0; --i) {
      history.push_back({KeyOf("d" + std::to_string(Below(designs))), static_cast<InteractionKind>(Below(kInteractionKinds)),
                         static_cast<float>(Below(100)), kNow - i * kDay});
    }
    return history;
  }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
};

/// What a ranking is told of a user.
struct RankedUser {
  std::vector<Interaction> history;
  std::vector<uint64_t> groups;
  std::vector<float> vector;          // empty: not known
  std::vector<int32_t> excluded;

  RankingQuery Query() const { return {history, groups, vector, !vector.empty(), excluded, kNow, nullptr, -1}; }
};

inline std::string Id(int design) { return "d" + std::to_string(design); }

inline void Apply(DesignTableBuilder* builder, const std::string& id, const FactorEntry& entry) {
  if (!builder->ApplyFactor(id, entry, 0).ok()) std::abort();
}

/// Designs "d0" to "d<designs - 1>", all with factors.
inline std::shared_ptr<const DesignTable> RandomTable(RandomModels* random, int designs, int k) {
  DesignTableBuilder builder({.k = k});
  for (int i = 0; i < designs; ++i) Apply(&builder, Id(i), random->Factor(k));
  return builder.Publish();
}

inline CatalogueEntry Catalogued(const std::string& title, int64_t released_at_ms, int64_t expires_at_ms = 0) {
  CatalogueEntry entry;
  entry.title = title;
  entry.released_at_ms = released_at_ms;
  entry.expires_at_ms = expires_at_ms;
  return entry;
}

/// Padded to the stride of a table.
inline std::vector<float> Padded(std::vector<float> vector) {
  vector.resize((vector.size() + 7) / 8 * 8);
  return vector;
}

}  // namespace catwalk::models
