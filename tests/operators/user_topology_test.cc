#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/operators/user_events.h"

namespace catwalk::operators {
namespace {

using models::InteractionKind;
using schemas::Topic;
using testing::Contains;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::vector<models::DesignKey> Touched(const UserState& user) {
  std::vector<models::DesignKey> designs;
  for (const auto& interaction : user.history) designs.push_back(interaction.design);
  return designs;
}

TEST(UserTopology, TakesWhatIsThereInTheOrderOfEventTimeAcrossTopics) {
  tests::TopologyTestDriver driver(SmallTopology());
  driver.Append(Topic::kPurchases, "ann", MakePurchase("late", "ann", "d3", kEventTime + 3).SerializeAsString());
  driver.Append(Topic::kClicks, "ann", MakeClick("early", "ann", "d1", kEventTime + 1).SerializeAsString());
  driver.Append(Topic::kClicks, "ann", MakeClick("latest", "ann", "d4", kEventTime + 4).SerializeAsString());
  driver.Append(Topic::kActivity, "ann", MakeActivity("middle", "ann", schemas::Activity::KIND_RUN, 60, kEventTime + 2).SerializeAsString());
  driver.Settle();
  EXPECT_THAT(EventsOf(driver.Read<schemas::Recommendation>(Topic::kRecommendations)),
              ElementsAre("early", "middle", "late", "latest"));
  EXPECT_THAT(Touched(StateOf(driver, "ann")),
              ElementsAre(models::KeyOf("d1"), models::KeyOf("d3"), models::KeyOf("d4")));
}

TEST(UserTopology, TakesAnEventThatComesTooLateAfterTheOthersAndKeepsItsTime) {
  tests::TopologyTestDriver driver(SmallTopology());
  driver.PipeInput(Topic::kClicks, MakeClick("e2", "ann", "d2", kEventTime + 1'000));
  driver.PipeInput(Topic::kClicks, MakeClick("e1", "ann", "d1", kEventTime));
  const auto user = StateOf(driver, "ann");
  ASSERT_THAT(user.history, SizeIs(2));
  EXPECT_EQ(user.history[1].design, models::KeyOf("d1"));
  EXPECT_EQ(user.history[1].at_ms, kEventTime);
  EXPECT_THAT(EventsOf(driver.Read<schemas::Recommendation>(Topic::kRecommendations)), ElementsAre("e2", "e1"));
}

TEST(UserTopology, GivesANewcomerWhatIsPopular) {
  tests::TopologyTestDriver driver(SmallTopology());
  for (int i = 0; i < 9; ++i) driver.PipeInput(Topic::kClicks, MakeClick("e" + std::to_string(i), "u" + std::to_string(i), i < 5 ? "hot" : i < 8 ? "warm" : "cold"));
  driver.ReadOutput(Topic::kRecommendations);
  driver.PipeInput(Topic::kActivity, MakeActivity("new", "newcomer", schemas::Activity::KIND_PARTY, 60));
  const auto lists = driver.Read<schemas::Recommendation>(Topic::kRecommendations);
  ASSERT_THAT(lists, SizeIs(1));
  EXPECT_THAT(DesignsOf(lists[0]), ElementsAre("hot", "warm", "cold"));
  EXPECT_EQ(lists[0].items(0).reasons(0), "popular now");
  EXPECT_GT(lists[0].items(0).score(), lists[0].items(1).score());
}

/// Many buy a with b and c with d; nobody mixes them.
void TeachTwoTastes(tests::TopologyTestDriver* driver) {
  int event = 0;
  for (int user = 0; user < 40; ++user) {
    const std::string name = "teacher-" + std::to_string(user);
    const char* first = user % 2 == 0 ? "a" : "c";
    const char* second = user % 2 == 0 ? "b" : "d";
    for (const char* design : {first, second, first}) {
      driver->PipeInput(Topic::kClicks, MakeClick("t" + std::to_string(event), name, design, kEventTime + event));
      ++event;
    }
  }
}

TEST(UserTopology, RecommendsWhatPeopleOfTheSameTasteTouched) {
  tests::TopologyTestDriver driver(SmallTopology());
  TeachTwoTastes(&driver);
  driver.ReadOutput(Topic::kRecommendations);
  driver.PipeInput(Topic::kPurchases, MakePurchase("e1", "ann", "a", kEventTime + 1'000));
  driver.PipeInput(Topic::kPurchases, MakePurchase("e2", "bob", "c", kEventTime + 1'001));
  const auto lists = driver.Read<schemas::Recommendation>(Topic::kRecommendations);
  ASSERT_THAT(lists, SizeIs(2));
  EXPECT_EQ(DesignsOf(lists[0]).front(), "b");
  EXPECT_EQ(DesignsOf(lists[1]).front(), "d");
  EXPECT_EQ(lists[0].items(0).reasons(0), "because you bought a");
}

TEST(UserTopology, MovesOnesListByAnothersPurchase) {
  tests::TopologyTestDriver driver(SmallTopology());
  TeachTwoTastes(&driver);
  driver.PipeInput(Topic::kClicks, MakeClick("before", "ann", "a", kEventTime + 1'000));
  const auto before = driver.Read<schemas::Recommendation>(Topic::kRecommendations).back();
  driver.PipeInput(Topic::kClicks, MakeClick("m0", "mia", "a", kEventTime + 1'001));
  driver.PipeInput(Topic::kPurchases, MakePurchase("m1", "mia", "new", kEventTime + 1'002));
  driver.PipeInput(Topic::kClicks, MakeClick("after", "ann", "a", kEventTime + 1'003));
  const auto after = driver.Read<schemas::Recommendation>(Topic::kRecommendations).back();
  EXPECT_THAT(DesignsOf(before), Not(Contains("new")));
  EXPECT_THAT(DesignsOf(after), Contains("new"));
  EXPECT_GT(after.factors_offset(), before.factors_offset());
}

TEST(UserTopology, NeverRecommendsWhatIsBoughtOrExpired) {
  tests::TopologyTestDriver driver(SmallTopology());
  TeachTwoTastes(&driver);
  driver.PipeInput(Topic::kDesigns, MakeDesign("c", kEventTime + 500));
  driver.PipeInput(Topic::kPurchases, MakePurchase("e1", "ann", "a", kEventTime + 1'000));
  driver.PipeInput(Topic::kClicks, MakeClick("e2", "ann", "d", kEventTime + 1'001));
  const auto list = driver.Read<schemas::Recommendation>(Topic::kRecommendations).back();
  EXPECT_THAT(DesignsOf(list), testing::UnorderedElementsAre("b", "d"));
  driver.PipeInput(Topic::kClicks, MakeClick("e3", "ann", "d", kEventTime + 400));  // at this time c was still there
  EXPECT_THAT(DesignsOf(driver.Read<schemas::Recommendation>(Topic::kRecommendations).back()), Contains("c"));
}

TEST(UserTopology, RemembersPurchasesThatHaveLeftTheHistory) {
  tests::TopologyTestDriver driver(SmallTopology());
  driver.PipeInput(Topic::kPurchases, MakePurchase("bought", "ann", "gone", kEventTime));
  for (int i = 0; i < 520; ++i) {
    driver.Append(Topic::kClicks, "ann", MakeClick("e" + std::to_string(i), "ann", "d" + std::to_string(i % 9), kEventTime + 1 + i).SerializeAsString());
  }
  driver.Settle();
  const auto user = StateOf(driver, "ann");
  EXPECT_THAT(user.history, SizeIs(500));
  EXPECT_THAT(user.bought, ElementsAre(models::KeyOf("gone")));
  for (const auto& list : driver.Read<schemas::Recommendation>(Topic::kRecommendations)) {
    EXPECT_THAT(DesignsOf(list), Not(Contains("gone")));
  }
}

TEST(UserTopology, CountsActivityTimeAndFillsInADurationNobodySaid) {
  tests::TopologyTestDriver driver(SmallTopology());
  driver.PipeInput(Topic::kActivity, MakeActivity("e1", "ann", schemas::Activity::KIND_RUN, 600));
  driver.PipeInput(Topic::kActivity, MakeActivity("e2", "ann", schemas::Activity::KIND_RUN, 1'200));
  driver.PipeInput(Topic::kActivity, MakeActivity("e3", "ann", schemas::Activity::KIND_RUN, 0));
  auto steps = MakeActivity("e4", "ann", schemas::Activity::KIND_WALK, 0);
  steps.set_distance_m(900);
  steps.set_stride_m(0.75);
  steps.set_cadence_spm(120);
  driver.PipeInput(Topic::kActivity, steps);
  const auto user = StateOf(driver, "ann");
  EXPECT_EQ(user.activity_seconds[schemas::Activity::KIND_RUN], 2'700U);  // the third is the mean of the others, 900
  EXPECT_EQ(user.activity_seconds[schemas::Activity::KIND_WALK], 600U);
  EXPECT_THAT(ActivityShares(user)[schemas::Activity::KIND_RUN], DoubleNear(2'700.0 / 3'300, 1e-12));
}

TEST(UserTopology, AnswersNeitherFeedbackNorProfiles) {
  tests::TopologyTestDriver driver(SmallTopology());
  schemas::Feedback feedback;
  feedback.set_event_id("f1");
  feedback.set_user_id("ann");
  feedback.set_design_id("d1");
  feedback.set_occurred_at_ms(kEventTime);
  feedback.set_like(true);
  driver.PipeInput(Topic::kFeedback, feedback);
  schemas::Profile profile;
  profile.set_event_id("p1");
  profile.set_user_id("ann");
  profile.set_occurred_at_ms(kEventTime);
  profile.set_body_type(" Hourglass ");
  profile.set_age(30);
  driver.PipeInput(Topic::kProfiles, profile);
  profile.clear_body_type();
  profile.set_event_id("p2");
  profile.set_height(170);
  driver.PipeInput(Topic::kProfiles, profile);
  EXPECT_THAT(driver.ReadOutput(Topic::kRecommendations), IsEmpty());
  EXPECT_EQ(StateOf(driver, "ann").history.at(0).kind, InteractionKind::kFeedback);
  const auto rows = driver.Rows("users", "profiles");
  ASSERT_THAT(rows, SizeIs(1));
  schemas::StoredProfile stored;
  ASSERT_TRUE(stored.ParseFromString(rows.begin()->second));
  EXPECT_EQ(stored.profile().body_type(), "hourglass");
  EXPECT_EQ(stored.profile().height(), 170);
  EXPECT_EQ(stored.profile().age(), 30);
}

TEST(UserTopology, GoesOnAfterARestartAsIfNothingHadHappened) {
  tests::TopologyTestDriver whole(SmallTopology());
  tests::TopologyTestDriver restarted(SmallTopology());
  for (int i = 0; i < 60; ++i) {
    const auto click = MakeClick("e" + std::to_string(i), "u" + std::to_string(i % 7), "d" + std::to_string(i % 11), kEventTime + i);
    whole.PipeInput(Topic::kClicks, click);
    restarted.PipeInput(Topic::kClicks, click);
    if (i % 9 == 0) restarted.Restart();
  }
  EXPECT_EQ(whole.Rows("users", "users"), restarted.Rows("users", "users"));
  EXPECT_EQ(whole.Rows("designs", "design-statistics"), restarted.Rows("designs", "design-statistics"));
  const auto expected = whole.Read<schemas::Recommendation>(Topic::kRecommendations);
  const auto actual = restarted.Read<schemas::Recommendation>(Topic::kRecommendations);
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(DesignsOf(expected[i]), DesignsOf(actual[i])) << i;
}

TEST(UserTopology, CountsTrendsByHourAndDay) {
  tests::TopologyTestDriver driver(SmallTopology());
  for (int i = 0; i < 5; ++i) driver.PipeInput(Topic::kClicks, MakeClick("e" + std::to_string(i), "u" + std::to_string(i), i < 3 ? "hot" : "warm"));
  std::map<std::string, schemas::Trend> latest;
  for (const auto& record : driver.ReadOutput(Topic::kTrends)) {
    ASSERT_TRUE(latest[std::string(record.key)].ParseFromArray(record.value.data(), static_cast<int>(record.value.size())));
  }
  ASSERT_THAT(latest, SizeIs(2));
  for (const auto& [key, trend] : latest) {
    EXPECT_EQ(trend.events(), 5) << key;
    ASSERT_EQ(trend.top_size(), 2) << key;
    EXPECT_EQ(trend.top(0).design_id(), "hot");
    EXPECT_EQ(trend.top(0).events(), 3);
  }
}

}  // namespace
}  // namespace catwalk::operators
