#include "models/fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "models/sizes.h"

namespace catwalk::models {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Size Number(float number) { return {SizeScale::kNumbers, number}; }

double LogLikelihood(const FitScore& score, Fit fit) { return std::log(ProbabilitiesOf(score)[static_cast<size_t>(fit)]); }

Fit Drawn(const FitScore& truth, std::mt19937* random) {
  const auto p = ProbabilitiesOf(truth);
  return static_cast<Fit>(std::discrete_distribution<int>(p.begin(), p.end())(*random));
}

TEST(Sizes, NumbersAndLettersHavePlacesAndTheRestHasNone) {
  EXPECT_EQ(ParseSize("8"), Number(8));
  EXPECT_EQ(ParseSize(" 8.5 "), Number(8.5F));
  EXPECT_EQ(ParseSize("0"), Number(0));
  EXPECT_LT(ParseSize("00")->number, 0);
  EXPECT_LT(ParseSize("000")->number, ParseSize("00")->number);
  EXPECT_EQ(ParseSize("xxl"), ParseSize("2XL"));
  const char* const ascending[] = {"XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL"};
  for (size_t i = 1; i < std::size(ascending); ++i)
    EXPECT_EQ(ParseSize(ascending[i])->number, ParseSize(ascending[i - 1])->number + 1) << ascending[i];
  for (const char* text : {"", " ", "one size", "8R", "34B", "-4", "nan", "inf", "1e3", "0x10", "201", "99999999999", "8 10", "eight"})
    EXPECT_EQ(ParseSize(text), std::nullopt) << text;
  EXPECT_FALSE(std::signbit(ParseSize("-0")->number));
}

TEST(Fit, ADesignComesInASizeIfOneOfItsSizesIsNearWhatTheUserTakes) {
  FitModel model;
  model.spreads[static_cast<size_t>(SizeScale::kNumbers)] = {10, 4};
  UserFit user;
  user.Add(Number(8));
  user.Add(Number(10));
  const auto comes_in = [&](std::vector<OfferedSize> offered) { return ComesInSize(model, user, offered); };
  EXPECT_TRUE(comes_in({{"2", Number(2)}, {"13", Number(13)}}));
  EXPECT_FALSE(comes_in({{"2", Number(2)}, {"14", Number(14)}}));
  EXPECT_TRUE(comes_in({})) << "nobody says what it is offered in";
  EXPECT_TRUE(comes_in({{"S", {SizeScale::kLetters, 1}}})) << "letters and numbers do not compare";
  model.spreads = {};
  EXPECT_TRUE(comes_in({{"40", Number(40)}})) << "what is far on this scale is not known yet";
}

TEST(Fit, ProbabilitiesAreThoseOfACumulativeLogit) {
  for (const double shift : {-3.0, -0.4, 0.0, 1.7}) {
    for (const double width : {-1.0, 0.0, 1.2}) {
      const double half = std::exp(width);
      const auto cumulative = [&](double threshold) { return 1 / (1 + std::exp(-(threshold - shift))); };
      const auto p = ProbabilitiesOf({shift, width});
      EXPECT_NEAR(p[0], cumulative(-half), 1e-12);
      EXPECT_NEAR(p[0] + p[1], cumulative(half), 1e-12);
      EXPECT_NEAR(p[0] + p[1] + p[2], 1, 1e-12);
    }
  }
}

TEST(Fit, AStepGoesAlongTheSlopeOfTheLogLikelihood) {
  constexpr double kStep = 1e-6;
  for (const Fit fit : {Fit::kSmall, Fit::kTrue, Fit::kLarge}) {
    const FitScore score{0.7, 0.4};
    const double by_shift = (LogLikelihood({score.shift + kStep, score.width}, fit) - LogLikelihood(score, fit)) / kStep;
    const double by_width = (LogLikelihood({score.shift, score.width + kStep}, fit) - LogLikelihood(score, fit)) / kStep;
    FitPart part;
    Learn(kDesignFitPrior, score, fit, &part);
    EXPECT_NEAR(static_cast<double>(part.shift), by_shift / (1 / kDesignFitPrior.shift + static_cast<double>(part.shift_information)), 1e-4);
    EXPECT_NEAR(static_cast<double>(part.width), by_width / (1 / kDesignFitPrior.width + static_cast<double>(part.width_information)), 1e-4);
  }
}

TEST(Fit, InformationIsTheExpectedSquareOfTheSlope) {
  constexpr double kStep = 1e-6;
  const FitScore score{-0.6, 0.3};
  double expected = 0;
  for (const Fit fit : {Fit::kSmall, Fit::kTrue, Fit::kLarge}) {
    const double slope = (LogLikelihood({score.shift + kStep, score.width}, fit) - LogLikelihood(score, fit)) / kStep;
    expected += ProbabilitiesOf(score)[static_cast<size_t>(fit)] * slope * slope;
  }
  FitPart part;
  Learn(kDesignFitPrior, score, Fit::kTrue, &part);
  EXPECT_NEAR(static_cast<double>(part.shift_information), expected, 1e-4);
}

TEST(Fit, FindsTheShiftAndWidthOfADesign) {
  std::mt19937 random(1);
  FitPart design;
  const FitScore others{0, std::log(2.0)};
  FitScore truth = others;
  truth += {1.3, 0.2};
  for (int i = 0; i < 5'000; ++i) {
    FitScore score = others;
    score += design.score();
    Learn(kDesignFitPrior, score, Drawn(truth, &random), &design);
  }
  EXPECT_NEAR(design.shift, 1.3, 0.15);
  EXPECT_NEAR(design.width, 0.2, 0.07);
}

/// People take sizes around their own at random; the truth knows what a size too large does.
class FitLearning : public testing::Test {
 protected:
  FitLearning() {
    for (int i = 0; i < 20'000; ++i) LearnOne();
  }

  void LearnOne() {
    UserFit user;
    user.measured = true;
    user.measures[2] = std::normal_distribution<float>()(random_);
    const float own = 10 + 4 * user.measures[2];
    const Size taken = Number(own + 2 * std::normal_distribution<float>()(random_));
    if (random_() % 2 == 0) user.Add(Number(own));
    const FitScore truth{1.5 * static_cast<double>(taken.number - own) / std::sqrt(20.0), std::log(1.5)};
    const auto& model = state_.model;
    Learn({}, {Drawn(truth, &random_), taken, model.FeaturesOf(user, taken), {}, user.measures, true}, &state_);
  }

  std::mt19937 random_{2};
  FitModelState state_;
};

TEST_F(FitLearning, FindsWhatASizeTooLargeDoes) {
  EXPECT_NEAR(state_.model.weights[kOwnDeviation], 1.5, 0.2);
  EXPECT_NEAR(state_.model.weights[kProfileDeviation], 1.5, 0.2);
  EXPECT_NEAR(state_.model.weights[kFitBias], 0, 0.1);
  EXPECT_NEAR(state_.model.width, std::log(1.5), 0.1);
  EXPECT_EQ(state_.lessons, 20'000);
}

TEST_F(FitLearning, FindsTheSizesThatMeasuresSuggest) {
  EXPECT_NEAR(state_.model.spreads[0].mean, 10, 0.2);
  EXPECT_NEAR(state_.model.spreads[0].deviation, std::sqrt(20.0), 0.1);
  EXPECT_NEAR(state_.model.size_weights[2], 4 / std::sqrt(20.0), 0.1);
  UserFit heavy;
  heavy.measured = true;
  heavy.measures[2] = 2;
  EXPECT_NEAR(state_.model.UsualSizeOf(heavy), state_.model.Standardised(Number(18)), 0.15);
}

TEST_F(FitLearning, ALargerSizeIsLessLikelySmallAndMoreLikelyLarge) {
  UserFit user;
  user.Add(Number(10));
  double small = 1, large = 0;
  for (float number = 0; number < 20; ++number) {
    const auto p = ProbabilitiesOf(ScoreOfTaken(state_.model, user, nullptr, Number(number)));
    EXPECT_LT(p[0], small) << number;
    EXPECT_GT(p[2], large) << number;
    small = p[0];
    large = p[2];
  }
}

std::vector<OfferedSize> Offered() {
  std::vector<OfferedSize> offered;
  for (const char* text : {"2", "4", "6", "8", "10", "12", "14", "16", "M"}) offered.push_back({text, *ParseSize(text)});
  return offered;
}

TEST_F(FitLearning, ChoosesTheUsersOwnSizeOrTheOneBesideItIfTheDesignRunsSmall) {
  UserFit user;
  user.Add(Number(10));
  const auto offered = Offered();
  const auto plain = ChooseSize(state_.model, user, nullptr, offered);
  ASSERT_TRUE(plain);
  EXPECT_EQ(offered[plain->index].text, "10");
  EXPECT_GT(plain->probability, 0.5F);
  const FitPart runs_small{.shift = -2};
  EXPECT_EQ(offered[ChooseSize(state_.model, user, &runs_small, offered)->index].text, "12");
  const FitPart runs_large{.shift = 2};
  EXPECT_EQ(offered[ChooseSize(state_.model, user, &runs_large, offered)->index].text, "8");
}

TEST_F(FitLearning, ChoosesAsIfLargerWereLargerEvenIfTakersOfLargerSizesSayTheOpposite) {
  UserFit user;
  user.Add(Number(10));
  FitModel model = state_.model;
  model.weights[kOwnDeviation] = -1;
  const FitPart runs_small{.shift = -2};
  EXPECT_EQ(Offered()[ChooseSize(model, user, &runs_small, Offered())->index].text, "12");
}

TEST_F(FitLearning, ChoosesNothingForWhomOrOfWhichNothingIsKnown) {
  UserFit user;
  EXPECT_FALSE(ChooseSize(state_.model, user, nullptr, Offered()));
  user.Add(Number(10));
  EXPECT_FALSE(ChooseSize(state_.model, user, nullptr, {}));
  EXPECT_FALSE(ChooseSize(FitModel{}, user, nullptr, Offered()));
  const std::vector<OfferedSize> letters{{"M", *ParseSize("M")}};
  EXPECT_FALSE(ChooseSize(state_.model, user, nullptr, letters)) << "nobody has taken letters";
}

TEST_F(FitLearning, LettersAndNumbersMeetInStandardDeviations) {
  for (int i = 0; i < 1'000; ++i) {
    const Size size{SizeScale::kLetters, static_cast<float>(2 + i % 5)};
    Learn({}, {Fit::kTrue, size, {}, {}, {}, false}, &state_);
  }
  UserFit user;
  user.Add({SizeScale::kLetters, 4});
  EXPECT_NEAR(state_.model.UsualSizeOf(user), 0, 0.01);
  const auto offered = Offered();
  EXPECT_EQ(offered[ChooseSize(state_.model, user, nullptr, std::span(offered).first(8))->index].text, "10");
}

TEST(Fit, ASizeTakenBackLeavesTheOthers) {
  UserFit user;
  user.Add(Number(10));
  user.Add(Number(12));
  user.Remove(Number(12));
  EXPECT_EQ(user.sizes[0], (SizeSum{1, 10}));
  user.Remove(Number(10));
  user.Remove(Number(10));
  EXPECT_EQ(user, UserFit{});
}

TEST(Fit, IgnoresWhatIsNotFiniteOrAbsurd) {
  FitPart part;
  Learn(kUserFitPrior, {kInfinity, 0}, Fit::kSmall, &part);
  Learn(kUserFitPrior, {0, std::nan("")}, Fit::kSmall, &part);
  EXPECT_EQ(part, FitPart{});
  const FitModelState fresh;
  FitModelState state;
  Learn({}, {Fit::kSmall, Number(kNan), {}, {}, {}, false}, &state);
  Learn({}, {Fit::kSmall, Number(1e30F), {}, {}, {}, false}, &state);
  Learn({}, {Fit::kSmall, Number(8), {kNan}, {}, {}, false}, &state);
  Learn({}, {Fit::kSmall, Number(8), {}, {kInfinity, 0}, {}, false}, &state);
  Learn({}, {Fit::kSmall, Number(8), {}, {}, {kNan}, true}, &state);
  EXPECT_EQ(state, fresh);
  for (const double p : ProbabilitiesOf({std::nan(""), kInfinity})) EXPECT_TRUE(p > 0 && p < 1);
  for (const double p : ProbabilitiesOf({1e300, -1e300})) EXPECT_TRUE(p > 0 && p < 1);
}

TEST(Fit, AMillionRepeatsOfOneWearerStayWithinBounds) {
  UserFit user;
  FitModelState state;
  FitPart design;
  for (int i = 0; i < 1'000'000; ++i) {
    const Size size = Number(i % 2 == 0 ? 200.0F : 0.0F);
    user.Add(size);
    const auto features = state.model.FeaturesOf(user, size);
    FitScore score = ScoreOfTaken(state.model, user, &design, size);
    FitScore parts = user.part.score();
    parts += design.score();
    Learn({}, {Fit::kSmall, size, features, parts, {1e3F, -1e3F}, true}, &state);
    Learn(kUserFitPrior, score, Fit::kSmall, &user.part);
    Learn(kDesignFitPrior, score, Fit::kSmall, &design);
  }
  EXPECT_TRUE(IsUsable(state.model));
  EXPECT_TRUE(IsUsable(user.part));
  EXPECT_TRUE(IsUsable(design));
  EXPECT_TRUE(std::isfinite(state.model.UsualSizeOf(user)));
}

TEST(Fit, WhatIsNotFiniteIsNotUsable) {
  FitModel model;
  EXPECT_TRUE(IsUsable(model));
  model.weights[0] = kNan;
  EXPECT_FALSE(IsUsable(model));
  EXPECT_FALSE(IsUsable(FitPart{.shift = kNan}));
  EXPECT_FALSE(IsUsable(FitPart{.shift_information = -1}));
}

}  // namespace
}  // namespace catwalk::models
