#include "models/features.h"

#include <gtest/gtest.h>

namespace catwalk::models {
namespace {

TEST(Features, AreNamedOneByOneAndByFamily) {
  EXPECT_EQ(FeaturesNamed("demand").count(), static_cast<size_t>(kHorizons));
  EXPECT_EQ(FeaturesNamed("affinity").count(), static_cast<size_t>(kAttributes));
  EXPECT_TRUE(FeaturesNamed("demand_200").test(kRecentDemand));
  EXPECT_EQ(FeaturesNamed("demand_200").count(), 1U);
  EXPECT_TRUE(FeaturesNamed("profile_demand").test(kProfileDemand));
  EXPECT_EQ(FeaturesNamed("profile_demand").count(), 1U);
  for (const char* word : {"", "sleeves", "deman", "demand_"}) EXPECT_TRUE(FeaturesNamed(word).none()) << word;
}

TEST(Features, AreFoundByTheirNames) {
  for (int f = 0; f < kFeatures; ++f) {
    const auto name = NameOf(static_cast<Feature>(f));
    EXPECT_TRUE(FeaturesNamed(name).test(static_cast<size_t>(f)));
  }
}

}  // namespace
}  // namespace catwalk::models
