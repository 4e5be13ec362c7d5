#include "models/interaction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace catwalk::models {
namespace {

TEST(InteractionWeight, GrowsWithTheCommitmentBehindIt) {
  const auto weight = [](InteractionKind kind) { return InteractionWeight(kind, 0); };
  EXPECT_EQ(weight(InteractionKind::kClick), 1.0F);
  EXPECT_LT(weight(InteractionKind::kView), weight(InteractionKind::kClick));
  EXPECT_LT(weight(InteractionKind::kWishlist), weight(InteractionKind::kCart));
  EXPECT_LT(weight(InteractionKind::kCart), weight(InteractionKind::kPurchase));
  EXPECT_EQ(weight(InteractionKind::kRental), weight(InteractionKind::kPurchase));
  EXPECT_EQ(weight(InteractionKind::kReturn), 0.0F);
}

TEST(InteractionWeight, OfDwellingIsAboutAClickAtTenSecondsAndStopsGrowing) {
  const auto weight = [](float seconds) { return InteractionWeight(InteractionKind::kDwell, seconds); };
  EXPECT_NEAR(weight(10), 1.2F, 0.01F);
  EXPECT_LT(weight(1), weight(10));
  EXPECT_EQ(weight(1e4F), 2.0F);
  EXPECT_EQ(weight(0), 0.0F);
}

TEST(InteractionWeight, OfFeedbackGrowsWithTheRatingBelowAPurchase) {
  const auto weight = [](float rating) { return InteractionWeight(InteractionKind::kFeedback, rating); };
  EXPECT_EQ(weight(0), 0.0F);
  EXPECT_FLOAT_EQ(weight(5), 2.0F);
  EXPECT_LT(weight(5), weight(10));
  EXPECT_LT(weight(1e6F), 4.0F);
}

TEST(InteractionWeight, IsFiniteAndNotNegativeForAnyInput) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float magnitude : {-infinity, -1e30F, -1.0F, -0.0F, 1e-40F, 1e30F, infinity, std::nanf("")}) {
    for (int kind = 0; kind < 256; ++kind) {
      const float weight = InteractionWeight(static_cast<InteractionKind>(kind), magnitude);
      EXPECT_TRUE(weight >= 0 && weight <= 4) << kind << " " << magnitude;
    }
  }
}

TEST(IsAcquisition, IsTrueOfPurchasesAndRentalsAlone) {
  for (int kind = 0; kind < kInteractionKinds; ++kind) {
    const auto interaction = static_cast<InteractionKind>(kind);
    EXPECT_EQ(IsAcquisition(interaction),
              interaction == InteractionKind::kPurchase || interaction == InteractionKind::kRental);
  }
}

}  // namespace
}  // namespace catwalk::models
