#include "operators/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "operators/count_events.h"
#include "operators/profile_groups.h"
#include "tests/operators/fake_context.h"
#include "tests/operators/user_events.h"
#include "tests/testing/matchers.h"

namespace catwalk::operators {
namespace {

using schemas::Topic;

std::vector<schemas::Comparison> Comparisons(tests::TopologyTestDriver& driver) {
  std::vector<schemas::Comparison> comparisons;
  for (const auto& update : driver.Read<schemas::ModelUpdate>(Topic::kModelUpdates))
    if (update.has_comparison()) comparisons.push_back(update.comparison());
  return comparisons;
}

void Click(tests::TopologyTestDriver* driver, const std::string& event, const std::string& user, const std::string& design) {
  driver->Append(Topic::kClicks, user, MakeClick(event, user, design).SerializeAsString());
  driver->Settle();
}

TEST(Compare, SetsAChoiceBesideWhatRankedHighBeforeIt) {
  tests::TopologyTestDriver driver(SmallTopology());
  Click(&driver, "e1", "u1", "d1");
  EXPECT_TRUE(Comparisons(driver).empty()) << "a design that was none yet had no place";
  Click(&driver, "e2", "u1", "d2");
  Click(&driver, "e3", "u2", "d1");
  const auto comparisons = Comparisons(driver);
  ASSERT_EQ(comparisons.size(), 1U);
  EXPECT_EQ(comparisons[0].chosen_size(), models::kFeatures);
  EXPECT_EQ(comparisons[0].others_size(), models::kFeatures);
  EXPECT_EQ(comparisons[0].drawn_from(), 1);
  EXPECT_EQ(comparisons[0].experience(), 0);
  EXPECT_NEAR(comparisons[0].chosen(models::kQuiet), std::log(2), 1e-5) << "as of two events, of which the first was d1's";
  EXPECT_NEAR(comparisons[0].others(models::kQuiet), 0, 1e-5);
}

TEST(Compare, LooksAtTheUserAsOfBeforeTheEvent) {
  tests::TopologyTestDriver driver(SmallTopology());
  for (const char* design : {"d1", "d2", "d3"}) Click(&driver, std::string("s") + design, "other", design);
  Click(&driver, "e1", "u1", "d1");
  Click(&driver, "e2", "u1", "d2");
  Click(&driver, "e3", "u1", "d2");
  const auto comparisons = Comparisons(driver);
  ASSERT_EQ(comparisons.size(), 3U);
  EXPECT_EQ(comparisons[0].experience(), 0);
  EXPECT_EQ(comparisons[1].experience(), 1);
  EXPECT_EQ(comparisons[1].chosen(models::kReturn), 0.0F) << "d2 was new to the user";
  EXPECT_EQ(comparisons[2].chosen(models::kReturn), 1.0F) << "and then was not";
}

TEST(Compare, TellsTheSegmentAndTheTasteOfAUserWhoIsKnown) {
  tests::TopologyTestDriver driver(SmallTopology());
  for (const char* design : {"d1", "d2", "d3"}) Click(&driver, std::string("s") + design, "other", design);
  for (const char* design : {"d1", "d2", "d3"}) Click(&driver, std::string("e") + design, "u1", design);
  const auto comparisons = Comparisons(driver);
  ASSERT_EQ(comparisons.size(), 3U);
  EXPECT_EQ(comparisons[0].segment(), 0) << "there was nothing to know u1 by";
  EXPECT_EQ(comparisons[0].user_vector_size(), 0);
  EXPECT_EQ(comparisons[1].segment(), 0) << "there were no segments yet";
  EXPECT_GT(comparisons[1].user_vector_size(), 0);
  EXPECT_GE(comparisons[2].segment(), 1) << "the one before has made some";
  const auto updates = driver.Read<schemas::DesignUpdate>(Topic::kDesignUpdates);
  EXPECT_EQ(updates.front().segments_size(), 0);
  ASSERT_EQ(updates.back().segments_size(), models::kSegments);
  EXPECT_NEAR(std::accumulate(updates.back().segments().begin(), updates.back().segments().end(), 0.0F), 1, 1e-5);
}

TEST(Compare, DrawsSomeOfManyByTheEvent) {
  const auto drawn = [](const std::string& event) {
    tests::TopologyTestDriver driver(SmallTopology());
    for (int i = 0; i < 40; ++i) Click(&driver, "s" + std::to_string(i), "other", "d" + std::to_string(i));
    Click(&driver, event, "u1", "d7");
    return Comparisons(driver).back();
  };
  const auto comparison = drawn("e1");
  EXPECT_EQ(comparison.others_size(), UserOptions{}.negatives * models::kFeatures);
  EXPECT_EQ(comparison.drawn_from(), 39);
  EXPECT_EQ(comparison.SerializeAsString(), drawn("e1").SerializeAsString());
  EXPECT_NE(comparison.SerializeAsString(), drawn("e2").SerializeAsString());
}

TEST(Compare, TeachesTheBlendThatServes) {
  tests::TopologyTestDriver driver(SmallTopology());
  for (int i = 0; i < 10; ++i) Click(&driver, "s" + std::to_string(i), "other", "d" + std::to_string(i));
  // Who comes takes what is new: every choice is the design that was wanted latest.
  for (int i = 0; i < 60; ++i) Click(&driver, "e" + std::to_string(i), "u" + std::to_string(i), "d" + std::to_string((i + 9) / 2 % 10));
  auto records = driver.Read<schemas::ModelRecord>(Topic::kModel);
  std::erase_if(records, [](const auto& record) { return !record.has_blend(); });
  ASSERT_FALSE(records.empty());
  EXPECT_LT(records.back().blend().shared(models::kQuiet), 0) << "quiet designs are chosen less";
  const auto lists = driver.Read<schemas::Recommendation>(Topic::kRecommendations);
  EXPECT_GT(lists.back().model_offset(), 0) << "and the lists are made by it";
}

TEST(Compare, LeavesOutWhatTheUserCannotBeShown) {
  tests::TopologyTestDriver driver(SmallTopology());
  for (const char* design : {"d1", "d2", "d3"}) Click(&driver, std::string("s") + design, "other", design);
  for (const char* event : {"e1", "e2"}) {
    driver.Append(Topic::kPurchases, "u1", MakePurchase(event, "u1", "d1").SerializeAsString());
    driver.Settle();
  }
  EXPECT_EQ(Comparisons(driver).size(), 1U) << "who has bought it is not shown it, so nothing is learned from a second time";
}

TEST(Compare, TeachesNothingFromTheOnlyNewDesign) {
  tests::TopologyTestDriver driver(SmallTopology());
  const auto add_to_catalogue = [&driver](const std::string& id) {
    schemas::Design design;
    design.set_event_id("catalogue-" + id);
    design.set_design_id(id);
    design.set_occurred_at_ms(kEventTime);
    driver.Append(Topic::kDesigns, id, design.SerializeAsString());
    driver.Settle();
  };
  for (const char* design : {"d1", "d2", "d3"}) Click(&driver, std::string("s") + design, "other", design);
  const size_t before = Comparisons(driver).size();
  add_to_catalogue("new1");
  Click(&driver, "e1", "u1", "new1");
  EXPECT_EQ(Comparisons(driver).size(), before) << "it came with the event that chose it";
  add_to_catalogue("new2");
  add_to_catalogue("new3");
  Click(&driver, "e2", "u1", "new2");
  const auto comparisons = Comparisons(driver);
  ASSERT_EQ(comparisons.size(), before + 1) << "new3 could have been chosen";
  EXPECT_EQ(comparisons.back().chosen(models::kUntouched), 1.0F);
}

TEST(EventClock, GoesOnWhereItStoodAndTellsTheGroups) {
  tests::TopologyTestDriver driver(SmallTopology());
  schemas::Profile profile;
  profile.set_event_id("p1");
  profile.set_user_id("u1");
  profile.set_occurred_at_ms(kEventTime);
  profile.set_body_type("petite");
  driver.Append(Topic::kProfiles, "u1", profile.SerializeAsString());
  Click(&driver, "e1", "u1", "d1");
  driver.Restart();
  Click(&driver, "e2", "u2", "d1");
  const auto updates = driver.Read<schemas::DesignUpdate>(Topic::kDesignUpdates);
  ASSERT_EQ(updates.size(), 2U);
  EXPECT_GT(updates[0].clock(), 0);
  EXPECT_EQ(updates[1].clock(), 2 * updates[0].clock());
  EXPECT_THAT(updates[0].groups(), testing::ElementsAre(Hash64("body_type=petite")));
  EXPECT_THAT(updates[1].groups(), testing::IsEmpty());
}

/// How many of `events` clicks at one time teach.
int64_t Lessons(CountEvents* clock, FakeContext* context, int64_t at_ms, int64_t events) {
  int64_t lessons = 0;
  for (int64_t i = 0; i < events; ++i) {
    UserWork work;
    work.added = true;
    work.weight = 1;
    work.at_ms = at_ms;
    EXPECT_THAT(clock->Process({&work, 1}, *context), tests::IsOk());
    lessons += work.teaches ? 1 : 0;
  }
  return lessons;
}

TEST(EventClock, LetsARushTeachNoMoreThanItNeeds) {
  constexpr int64_t kAtOnce = CountEvents::kLessonsAtOnce, kEvery = CountEvents::kLessonEveryMs;
  FakeContext context;
  CountEvents clock;
  ASSERT_THAT(clock.Open(context), tests::IsOk());
  EXPECT_EQ(Lessons(&clock, &context, kEventTime, kAtOnce + 500), kAtOnce);
  EXPECT_EQ(Lessons(&clock, &context, kEventTime + 3 * kEvery, 500), 3);
  EXPECT_EQ(Lessons(&clock, &context, kEventTime, 500), 0) << "late ones bring no time with them";
  ASSERT_THAT(context.Commit(), tests::IsOk());

  FakeContext restarted(context.shared_database());
  CountEvents heir;
  ASSERT_THAT(heir.Open(restarted), tests::IsOk());
  EXPECT_EQ(Lessons(&heir, &restarted, kEventTime + 5 * kEvery, 500), 2);
  EXPECT_EQ(Lessons(&heir, &restarted, kEventTime + 86'400'000, kAtOnce), kAtOnce) << "a quiet day, and all may teach again";
}

TEST(EventClock, ReadsWhatWasWrittenBeforeLessonsWereRationed) {
  EventCount count{7, 8, 9};
  ASSERT_THAT(EventCountSerde().Decode(std::string("\x54"), &count), tests::IsOk());
  EXPECT_EQ(count, (EventCount{42, 0, 0}));
}

}  // namespace
}  // namespace catwalk::operators
