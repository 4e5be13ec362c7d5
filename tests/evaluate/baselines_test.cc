#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "evaluate/baseline.h"

namespace catwalk::evaluate {
namespace {

constexpr size_t kDesigns = 20;

std::vector<float> Scores(Baseline& baseline, const Choice& before) {
  std::vector<float> scores(kDesigns);
  baseline.Score(before, scores);
  return scores;
}

size_t Best(Baseline& baseline, const Choice& before) {
  const auto scores = Scores(baseline, before);
  return static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

void Teach(Baseline& baseline, int32_t design, int times, int32_t first_user = 1'000) {
  for (int i = 0; i < times; ++i) baseline.Learn({.user = first_user + i, .design = design});
}

/// Users of even number choose designs 0 … 9, others 10 … 19, a few each.
void TeachTwoTastes(Baseline& baseline, int32_t users) {
  for (int32_t round = 0; round < 6; ++round)
    for (int32_t user = 0; user < users; ++user)
      baseline.Learn({.user = user, .design = (user * 7 + round * 3) % 10 + (user % 2) * 10});
}

TEST(Popularity, CountsForEver) {
  const auto popularity = MakePopularity();
  Teach(*popularity, 3, 100);
  Teach(*popularity, 4, 99);
  EXPECT_EQ(Best(*popularity, {}), 3U);
}

TEST(DecayedPopularity, HalvesEvery5000Events) {
  const auto decayed = MakeDecayedPopularity();
  Teach(*decayed, 3, 1);
  Teach(*decayed, 4, 5'000);
  const auto scores = Scores(*decayed, {});
  EXPECT_NEAR(scores[3], 0.5, 1e-6);
  EXPECT_EQ(Best(*decayed, {}), 4U);
  EXPECT_NEAR(scores[4], 0.5 / (1 - std::exp2(-1.0 / 5'000)), 1.0);  // a geometric sum
}

TEST(DecayedPopularity, LastsThroughABillionHalvings) {
  const auto decayed = MakeDecayedPopularity();
  Teach(*decayed, 3, 3'000'000);  // 600 halvings: sums that only grew would overflow a float
  EXPECT_TRUE(std::isfinite(Scores(*decayed, {})[3]));
  Teach(*decayed, 4, 6'000);
  EXPECT_EQ(Best(*decayed, {}), 4U);
}

TEST(Recency, PutsTheLatestFirst) {
  const auto recency = MakeRecency();
  Teach(*recency, 3, 50);
  Teach(*recency, 4, 1);
  EXPECT_EQ(Best(*recency, {}), 4U);
}

TEST(ItemNeighbours, FindsWhatGoesWithAUsersDesigns) {
  const auto neighbours = MakeItemNeighbours();
  Teach(*neighbours, 9, 500, 5'000);  // popular alone
  for (int32_t user = 0; user < 5; ++user) {
    neighbours->Learn({.user = user, .design = 1});
    neighbours->Learn({.user = user, .design = 2});
  }
  neighbours->Learn({.user = 77, .design = 1});
  EXPECT_EQ(Best(*neighbours, {.user = 77}), 2U);
  EXPECT_EQ(Best(*neighbours, {.user = 78}), 9U) << "a newcomer gets what is popular";
  EXPECT_NEAR(Scores(*neighbours, {.user = 77})[2], 5 / (std::sqrt(6.0 * 5) + 30), 1e-5);
}

TEST(Isgd, LearnsTwoTastes) {
  const auto isgd = MakeIsgd(1);
  for (int epoch = 0; epoch < 20; ++epoch) TeachTwoTastes(*isgd, 40);
  const auto even = Scores(*isgd, {.user = 2});
  const auto sum = [&](size_t from) { return std::accumulate(even.begin() + static_cast<ptrdiff_t>(from), even.begin() + static_cast<ptrdiff_t>(from) + 10, 0.0); };
  EXPECT_GT(sum(0), sum(10) + 1);
  EXPECT_TRUE(std::isinf(Scores(*isgd, {.user = 999})[0])) << "nothing is listed for an unknown user";
}

TEST(Ials, LearnsTwoTastes) {
  const auto ials = MakeIals(1);
  for (int epoch = 0; epoch < 10; ++epoch) TeachTwoTastes(*ials, 40);
  const auto even = Scores(*ials, {.user = 2}), odd = Scores(*ials, {.user = 3});
  for (size_t design = 0; design < 10; ++design) {
    EXPECT_GT(even[design], even[design + 10]) << design;
    EXPECT_GT(odd[design + 10], odd[design]) << design;
  }
}

TEST(SegmentPopularity, PrefersWhatTheSegmentChooses) {
  const auto segments = MakeSegmentPopularity();
  const int32_t petite[] = {0}, tall[] = {1};
  for (int32_t i = 0; i < 400; ++i) {
    segments->Learn({.user = i, .design = i % 4 == 0 ? 5 : 6, .segments = petite});
    segments->Learn({.user = i, .design = i % 4 == 0 ? 6 : 5, .segments = tall});
  }
  EXPECT_EQ(Best(*segments, {.user = 9'999, .segments = petite}), 6U);
  EXPECT_EQ(Best(*segments, {.user = 9'999, .segments = tall}), 5U);
}

TEST(Baselines, AreNamedAndGiveTheSameForTheSameSeed) {
  auto first = MakeBaselines(4), second = MakeBaselines(4);
  ASSERT_EQ(first.size(), 7U);
  for (size_t i = 0; i < first.size(); ++i) {
    TeachTwoTastes(*first[i], 500);
    TeachTwoTastes(*second[i], 500);
    EXPECT_EQ(Scores(*first[i], {.user = 2}), Scores(*second[i], {.user = 2})) << first[i]->Name();
    for (size_t j = 0; j < i; ++j) EXPECT_NE(first[i]->Name(), first[j]->Name());
  }
}

}  // namespace
}  // namespace catwalk::evaluate
