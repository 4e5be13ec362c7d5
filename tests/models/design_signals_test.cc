#include "models/design_signals.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace catwalk::models {
namespace {

GroupWeights Holding(const std::map<GroupNumber, float>& weights) {
  std::vector<GroupWeights::Entry> entries;
  for (const auto& [group, weight] : weights) entries.push_back({group, weight});
  return GroupWeights(entries);
}

TEST(GroupWeights, AreZeroWhereThereIsNone) {
  EXPECT_EQ(*GroupWeights().lookup().Find(0), 0.0F);
  EXPECT_EQ(*GroupWeights().lookup().Find(70'000), 0.0F);
}

TEST(GroupWeights, AreThoseThatWerePutIn) {
  std::mt19937 random(1);
  for (const GroupNumber groups : {1U, 64U, 100U, 256U, 257U, 1'000U, 1'000'000U}) {
    std::map<GroupNumber, float> weights{{groups - 1, 0.5F}};
    for (int i = 0; i < 200; ++i) weights[static_cast<GroupNumber>(random()) % groups] = static_cast<float>(1 + random() % 1'000);
    const GroupWeights held = Holding(weights);
    const GroupWeights copy = held;
    for (const auto& [group, weight] : weights) EXPECT_EQ(*copy.lookup().Find(group), weight) << group;
    for (int i = 0; i < 1'000; ++i) {
      const GroupNumber group = static_cast<GroupNumber>(random()) % (2 * groups);
      EXPECT_EQ(*held.lookup().Find(group), weights.contains(group) ? weights[group] : 0.0F) << group;
    }
  }
}

}  // namespace
}  // namespace catwalk::models
