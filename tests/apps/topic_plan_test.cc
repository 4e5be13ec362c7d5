#include "apps/topic_plan.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

using ::testing::HasSubstr;

const PlannedTopic& Of(const std::vector<PlannedTopic>& plan, schemas::Topic topic) {
  return *std::ranges::find_if(plan, [&](const PlannedTopic& planned) { return planned.spec->topic == topic; });
}

TEST(TopicPlan, WithoutTopicsWantsTheDefault) {
  const auto plan = PlanTopics({}, {}, 6);
  EXPECT_EQ(plan.size(), schemas::AllTopics().size());
  EXPECT_EQ(Of(plan, schemas::Topic::kClicks).wanted, 6);
  EXPECT_EQ(Of(plan, schemas::Topic::kDesignUpdates).wanted, 6);
  EXPECT_EQ(Of(plan, schemas::Topic::kDesigns).wanted, 1);
  EXPECT_EQ(Of(plan, schemas::Topic::kClicks).found, 0);
  EXPECT_THAT(CheckPlan(plan), tests::IsOk());
}

TEST(TopicPlan, WantsAsManyPartitionsAsTopicsKeyedAlikeHave) {
  const auto plan = PlanTopics({}, {{"purchases", {12}}, {"designs", {1}}}, 4);
  EXPECT_EQ(Of(plan, schemas::Topic::kClicks).wanted, 12);
  EXPECT_EQ(Of(plan, schemas::Topic::kRecommendations).wanted, 12);
  EXPECT_EQ(Of(plan, schemas::Topic::kDesignUpdates).wanted, 4);
  EXPECT_THAT(CheckPlan(plan), tests::IsOk());
}

TEST(TopicPlan, FindsUnequalPartitions) {
  const auto plan = PlanTopics({}, {{"clicks", {4}}, {"purchases", {3}}}, 4);
  const Status status = CheckPlan(plan);
  EXPECT_THAT(status, tests::HasCode(Code::kTopicMismatch));
  EXPECT_THAT(status, tests::HasMessage(HasSubstr("purchases has 3 partitions where 4")));
  EXPECT_THAT(DescribePlan(plan, true), HasSubstr("3 MISMATCH\n"));
}

TEST(TopicPlan, FindsGlobalTablesWithMoreThanOnePartition) {
  EXPECT_THAT(CheckPlan(PlanTopics({}, {{"design-factors", {2}}}, 4)), tests::HasCode(Code::kTopicMismatch));
}

TEST(TopicPlan, PrintsAnObjectATopic) {
  std::istringstream lines(PlanJson(PlanTopics({}, {{"clicks", {4}}}, 4), true));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto clicks = boost::json::parse(line).as_object();
  EXPECT_EQ(clicks.at("name").as_string(), "clicks");
  EXPECT_EQ(clicks.at("value").as_string(), "Click");
  EXPECT_EQ(clicks.at("found").as_int64(), 4);
  EXPECT_EQ(clicks.at("retention_ms").as_int64(), schemas::SpecOf(schemas::Topic::kClicks).retention_ms);
  EXPECT_TRUE(clicks.at("personal").as_bool());
  size_t count = 1;
  while (std::getline(lines, line)) ++count;
  EXPECT_EQ(count, schemas::AllTopics().size());
  EXPECT_THAT(PlanJson(PlanTopics({}, {}, 4), false), ::testing::Not(HasSubstr("found")));
}

TEST(TopicPlan, PrintsATable) {
  const std::string table = DescribePlan(PlanTopics({}, {{"clicks", {4}}}, 4), true);
  EXPECT_EQ(std::ranges::count(table, '\n'), static_cast<int64_t>(schemas::AllTopics().size()) + 1);
  EXPECT_THAT(table, HasSubstr("TOPIC "));
  EXPECT_THAT(table, ::testing::ContainsRegex("clicks +[a-z_]+ +Click +4 +[0-9]+ d +delete +yes +4\n"));
  EXPECT_THAT(table, ::testing::ContainsRegex("model +.* missing\n"));
  EXPECT_THAT(DescribePlan(PlanTopics({}, {}, 4), false), HasSubstr(" ?\n"));
}

}  // namespace
}  // namespace catwalk::apps
