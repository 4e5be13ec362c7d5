#include "operators/track_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operators/user_fit.h"
#include "tests/operators/user_events.h"

namespace catwalk::operators {
namespace {

using schemas::Topic;
using testing::IsEmpty;
using testing::SizeIs;

schemas::Purchase Sized(const std::string& event, const std::string& user, const std::string& design, const std::string& size,
                        int64_t at_ms = kEventTime) {
  auto purchase = MakePurchase(event, user, design, at_ms);
  purchase.set_size(size);
  return purchase;
}

schemas::Feedback Said(const std::string& event, const std::string& user, const std::string& design, schemas::Feedback::Fit fit,
                       const std::string& about = "", int64_t at_ms = kEventTime + 1) {
  schemas::Feedback feedback;
  feedback.set_event_id(event);
  feedback.set_user_id(user);
  feedback.set_design_id(design);
  feedback.set_occurred_at_ms(at_ms);
  feedback.set_fit(fit);
  feedback.set_about_event_id(about);
  return feedback;
}

/// People of sizes 4 to 14 who each buy d1, which runs small, and say so.
void TeachThatD1RunsSmall(tests::TopologyTestDriver* driver) {
  for (int i = 0; i < 60; ++i) {
    const std::string user = "u" + std::to_string(i), size = std::to_string(4 + 2 * (i % 6));
    driver->PipeInput(Topic::kPurchases, Sized("p" + user, user, "d1", size, kEventTime + 2 * i));
    driver->PipeInput(Topic::kFeedback, Said("f" + user, user, "d1", i % 4 == 0 ? schemas::Feedback::FIT_TRUE : schemas::Feedback::FIT_SMALL,
                                             "p" + user, kEventTime + 2 * i + 1));
  }
}

class TrackFitTest : public testing::Test {
 protected:
  models::FitPart PartOf(const std::string& design) const {
    const int row = driver_.tables().RowOf(models::KeyOf(design));
    const auto* const part = row < 0 ? nullptr : driver_.tables().FitOf(row);
    return part == nullptr ? models::FitPart{} : *part;
  }
  schemas::Recommendation LastList() { return driver_.Read<schemas::Recommendation>(Topic::kRecommendations).back(); }

  tests::TopologyTestDriver driver_{SmallTopology()};
};

TEST_F(TrackFitTest, WhatIsSaidTeachesUserDesignAndModel) {
  driver_.PipeInput(Topic::kPurchases, Sized("p", "ann", "d1", " 8 "));
  EXPECT_THAT(StateOf(driver_, "ann").taken, SizeIs(1));
  EXPECT_EQ(StateOf(driver_, "ann").fit.sizes[0], (models::SizeSum{1, 8}));
  driver_.PipeInput(Topic::kFeedback, Said("f", "ann", "d1", schemas::Feedback::FIT_SMALL, "p"));
  const UserState ann = StateOf(driver_, "ann");
  EXPECT_EQ(ann.fit.part, models::FitPart{}) << "what depends on the tables is no state";
  EXPECT_THAT(ann.said, SizeIs(1));
  EXPECT_LT(UserFitOf(driver_.tables(), ann).part.shift, 0);
  EXPECT_THAT(ann.taken, IsEmpty());
  EXPECT_THAT(ann.history, SizeIs(1)) << "a fit is no interaction";
  EXPECT_LT(PartOf("d1").shift, 0);
  EXPECT_LT(driver_.tables().fit_model().weights[models::kFitBias], 0);
}

TEST_F(TrackFitTest, OneThingSaidTwiceTeachesOnce) {
  driver_.PipeInput(Topic::kPurchases, Sized("p", "ann", "d1", "8"));
  driver_.PipeInput(Topic::kFeedback, Said("f", "ann", "d1", schemas::Feedback::FIT_SMALL, "p"));
  const auto once = PartOf("d1");
  for (int i = 0; i < 50; ++i) {
    driver_.PipeInput(Topic::kFeedback, Said("f", "ann", "d1", schemas::Feedback::FIT_SMALL, "p"));
    driver_.PipeInput(Topic::kFeedback, Said("g" + std::to_string(i), "ann", "d1", schemas::Feedback::FIT_SMALL));
  }
  EXPECT_EQ(PartOf("d1"), once);
}

TEST_F(TrackFitTest, FeedbackSpeaksOfThePurchaseItNamesElseOfTheLatestOfItsDesign) {
  driver_.PipeInput(Topic::kPurchases, Sized("p1", "ann", "d1", "8"));
  driver_.PipeInput(Topic::kPurchases, Sized("p2", "ann", "d1", "10"));
  driver_.PipeInput(Topic::kPurchases, Sized("p3", "ann", "d2", "12"));
  driver_.PipeInput(Topic::kFeedback, Said("f1", "ann", "d1", schemas::Feedback::FIT_SMALL, "p1"));
  ASSERT_THAT(StateOf(driver_, "ann").taken, SizeIs(2));
  EXPECT_EQ(StateOf(driver_, "ann").taken[0].size.number, 10);
  driver_.PipeInput(Topic::kFeedback, Said("f2", "ann", "d1", schemas::Feedback::FIT_SMALL, "nobody knows"));
  EXPECT_THAT(StateOf(driver_, "ann").taken, SizeIs(2));
  driver_.PipeInput(Topic::kFeedback, Said("f3", "ann", "d1", schemas::Feedback::FIT_SMALL));
  ASSERT_THAT(StateOf(driver_, "ann").taken, SizeIs(1));
  EXPECT_EQ(StateOf(driver_, "ann").taken[0].design, models::KeyOf("d2"));
}

TEST_F(TrackFitTest, WhatHasNoKnownSizeTeachesNothing) {
  driver_.PipeInput(Topic::kFeedback, Said("f0", "ann", "d1", schemas::Feedback::FIT_SMALL));
  driver_.PipeInput(Topic::kPurchases, Sized("p1", "ann", "d1", "one size"));
  driver_.PipeInput(Topic::kFeedback, Said("f1", "ann", "d1", schemas::Feedback::FIT_SMALL, "p1"));
  auto back = Sized("p2", "ann", "d1", "8");
  back.set_kind(schemas::Purchase::KIND_RETURN);
  driver_.PipeInput(Topic::kPurchases, back);
  driver_.PipeInput(Topic::kFeedback, Said("f2", "ann", "d1", schemas::Feedback::FIT_SMALL, "p2"));
  EXPECT_EQ(StateOf(driver_, "ann").fit, models::UserFit{});
  EXPECT_EQ(PartOf("d1"), models::FitPart{});
  EXPECT_EQ(driver_.tables().fit_model(), models::FitModel{});
}

TEST_F(TrackFitTest, ForgetsTheOldestOfManySizesNothingIsSaidOf) {
  for (size_t i = 0; i < 2 * kMaxTakenSizes; ++i) driver_.PipeInput(Topic::kPurchases, Sized("p" + std::to_string(i), "ann", "d1", "8"));
  EXPECT_THAT(StateOf(driver_, "ann").taken, SizeIs(kMaxTakenSizes));
}

TEST_F(TrackFitTest, ForgetsTheOldestOfMuchThatWasSaid) {
  for (size_t i = 0; i < 2 * kMaxSaidFits; ++i) {
    const std::string purchase = "p" + std::to_string(i);
    driver_.PipeInput(Topic::kPurchases, Sized(purchase, "ann", "d1", std::to_string(2 * i)));
    driver_.PipeInput(Topic::kFeedback, Said("f" + purchase, "ann", "d1", schemas::Feedback::FIT_TRUE, purchase));
  }
  const UserState ann = StateOf(driver_, "ann");
  ASSERT_THAT(ann.said, SizeIs(kMaxSaidFits));
  EXPECT_EQ(ann.said.front().size.number, 2 * kMaxSaidFits);
}

TEST_F(TrackFitTest, MeasuresOfAProfileAreKept) {
  for (int i = 0; i < 3; ++i) {
    schemas::Profile profile;
    profile.set_event_id("e" + std::to_string(i));
    profile.set_user_id("u" + std::to_string(i));
    profile.set_occurred_at_ms(kEventTime);
    profile.set_height(160.0 + 10 * i);
    driver_.PipeInput(Topic::kProfiles, profile);
  }
  const auto fit = StateOf(driver_, "u2").fit;
  EXPECT_TRUE(fit.measured);
  EXPECT_GT(fit.measures[1], 0);
  EXPECT_EQ(fit.measures[0], 0) << "no age is known";
}

TEST_F(TrackFitTest, ListsGiveEachDesignItsSizeAndHowLikelyItFits) {
  TeachThatD1RunsSmall(&driver_);
  driver_.PipeInput(Topic::kPurchases, Sized("e1", "ann", "d2", "8", kEventTime + 1'000));
  const auto list = LastList();
  ASSERT_EQ(DesignsOf(list), std::vector<std::string>{"d1"});
  EXPECT_EQ(list.items(0).size(), "10") << "one more than the user's";
  EXPECT_GT(list.items(0).fit_probability(), 0.3F);
  EXPECT_LT(list.items(0).fit_probability(), 1.0F);

  auto entry = MakeDesign("d1");
  for (const char* size : {"XS", "8", "20"}) entry.add_sizes(size);
  driver_.PipeInput(Topic::kDesigns, entry);
  driver_.PipeInput(Topic::kClicks, MakeClick("e2", "ann", "d1", kEventTime + 1'001));
  EXPECT_EQ(LastList().items(0).size(), "8") << "the catalogue's sizes are those there are; nobody has taken letters";
}

TEST_F(TrackFitTest, ListsGiveNoSizeToWhomNothingIsKnownOf) {
  TeachThatD1RunsSmall(&driver_);
  driver_.PipeInput(Topic::kClicks, MakeClick("e1", "newcomer", "d1", kEventTime + 1'000));
  const auto list = LastList();
  ASSERT_GT(list.items_size(), 0);
  EXPECT_TRUE(list.items(0).size().empty());
  EXPECT_EQ(list.items(0).fit_probability(), 0);
}

TEST_F(TrackFitTest, GoesOnEqualAfterARestart) {
  tests::TopologyTestDriver straight(SmallTopology());
  for (auto* driver : {&straight, &driver_}) TeachThatD1RunsSmall(driver);
  driver_.Restart();
  for (auto* driver : {&straight, &driver_}) {
    driver->PipeInput(Topic::kPurchases, Sized("late", "u1", "d2", "6", kEventTime + 1'000));
    driver->PipeInput(Topic::kFeedback, Said("later", "u1", "d2", schemas::Feedback::FIT_LARGE, "late", kEventTime + 1'001));
  }
  EXPECT_EQ(straight.Rows("users", "users"), driver_.Rows("users", "users"));
  EXPECT_EQ(straight.Rows("designs", "design-statistics"), driver_.Rows("designs", "design-statistics"));
  EXPECT_EQ(straight.Rows("model", "fit"), driver_.Rows("model", "fit"));
}

}  // namespace
}  // namespace catwalk::operators
