#include "models/segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

constexpr int kDimensions = 8;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Near one of three directions at right angles.
std::vector<float> TasteOf(int group, RandomModels* random) {
  std::vector<float> taste = random->Vector(kDimensions, 0.1F);
  taste[static_cast<size_t>(group)] += static_cast<float>(1 + random->Below(5));
  return taste;
}

SegmentState Taught(int lessons, RandomModels* random) {
  SegmentState state;
  for (int i = 0; i < lessons; ++i) Learn({}, TasteOf(i % 3, random), &state);
  return state;
}

TEST(Segments, AreTheSoftmaxOfCosines) {
  const Segments segments = FirstSegments(kDimensions);
  RandomModels random(1);
  const std::vector<float> vector = random.Vector(kDimensions);
  const Memberships memberships = MembershipsOf(segments, vector);
  std::array<double, kSegments> expected{};
  const double length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
  for (size_t s = 0; s < kSegments; ++s)
    expected[s] = std::exp(15 * std::inner_product(vector.begin(), vector.end(), &segments.centres[s * kDimensions], 0.0) / length);
  const double sum = std::accumulate(expected.begin(), expected.end(), 0.0);
  for (size_t s = 0; s < kSegments; ++s) EXPECT_NEAR(memberships[s], expected[s] / sum, 1e-5);
  const auto largest = std::max_element(expected.begin(), expected.end()) - expected.begin();
  EXPECT_EQ(LikeliestSegment(memberships), largest);
}

TEST(Segments, HaveNobodyWithoutATaste) {
  const std::vector<float> nothing(kDimensions, 0.0F);
  EXPECT_EQ(LikeliestSegment(MembershipsOf(FirstSegments(kDimensions), nothing)), kNoSegment);
  EXPECT_EQ(LikeliestSegment(MembershipsOf(FirstSegments(kDimensions), {})), kNoSegment);
  EXPECT_EQ(LikeliestSegment(MembershipsOf(Segments{}, std::vector<float>(kDimensions, 1.0F))), kNoSegment) << "before there are any";
  EXPECT_EQ(CohortOf(FirstSegments(kDimensions), 2, nothing), (Cohort{1, kNoSegment}));
}

TEST(Segments, PartTastesThatLieApartAndKeepThoseTogetherThatDoNot) {
  RandomModels random(2);
  const SegmentState state = Taught(3'000, &random);
  EXPECT_TRUE(IsUsable(state.segments, kDimensions));
  EXPECT_NEAR(std::accumulate(state.segments.shares.begin(), state.segments.shares.end(), 0.0F), 1, 1e-5);
  // Of two users' memberships: how likely it is that they belong to the same segment.
  const auto together = [&](int a, int b) {
    double sum = 0;
    for (int i = 0; i < 100; ++i) {
      const Memberships one = MembershipsOf(state.segments, TasteOf(a, &random)), other = MembershipsOf(state.segments, TasteOf(b, &random));
      sum += std::inner_product(one.begin(), one.end(), other.begin(), 0.0) / 100;
    }
    return sum;
  };
  for (int group = 0; group < 3; ++group) {
    EXPECT_LT(together(group, (group + 1) % 3), 0.01);
    EXPECT_GT(together(group, group), 0.15) << "a group may have several segments, others none of these";
  }
}

TEST(Segments, FollowTastesThatTurn) {
  RandomModels random(3);
  SegmentState state = Taught(2'000, &random);
  const auto nearest = [&](int group) {
    float best = -1;
    for (size_t s = 0; s < kSegments; ++s) best = std::max(best, state.segments.centres[s * kDimensions + static_cast<size_t>(group)]);
    return best;
  };
  EXPECT_LT(nearest(5), 0.6F);
  for (int i = 0; i < 2'000; ++i) Learn({}, TasteOf(5, &random), &state);
  EXPECT_GT(nearest(5), 0.95F);
}

TEST(Segments, LearnNothingFromWhatIsNoTaste) {
  RandomModels random(4);
  const SegmentState before = Taught(50, &random);
  SegmentState state = before;
  const float largest = std::numeric_limits<float>::max();
  for (const float bad : {0.0F, kNan, largest, std::numeric_limits<float>::infinity()})
    Learn({}, std::vector<float>(kDimensions, bad), &state);
  Learn({}, {}, &state);
  EXPECT_EQ(state, before);
}

TEST(Segments, StayUsableWhateverComes) {
  SegmentState state;
  for (int i = 0; i < 20'000; ++i) Learn({}, std::vector<float>(kDimensions, i % 2 == 0 ? 1.0F : -1.0F), &state);
  EXPECT_TRUE(IsUsable(state.segments, kDimensions));
  EXPECT_EQ(state.lessons, 20'000);
}

TEST(Segments, StartAnewWithVectorsOfAnotherLength) {
  RandomModels random(5);
  SegmentState state = Taught(50, &random);
  Learn({}, random.Vector(16), &state);
  EXPECT_TRUE(IsUsable(state.segments, 16));
  EXPECT_EQ(state.lessons, 1);
}

TEST(Segments, AreNotUsableCutShortOrOfNoLength) {
  Segments segments = FirstSegments(kDimensions);
  EXPECT_TRUE(IsUsable(segments, kDimensions));
  EXPECT_FALSE(IsUsable(segments, 16));
  EXPECT_FALSE(IsUsable(Segments{}, kDimensions));
  segments.centres[3] = kNan;
  EXPECT_FALSE(IsUsable(segments, kDimensions));
  segments = FirstSegments(kDimensions);
  segments.shares[0] = 2;
  EXPECT_FALSE(IsUsable(segments, kDimensions));
}

}  // namespace
}  // namespace catwalk::models
