#include "schemas/topics.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "schemas/events.pb.h"

namespace catwalk::schemas {
namespace {

constexpr int64_t kDayMs = 86'400'000;

TEST(TableOfTopics, HasOneRowForEachTopicInTheirOrder) {
  ASSERT_EQ(AllTopics().size(), static_cast<size_t>(Topic::kModelChangelog) + 1);
  std::set<std::string_view> names;
  for (size_t i = 0; i < AllTopics().size(); ++i) {
    const TopicSpec& spec = AllTopics()[i];
    EXPECT_EQ(spec.topic, static_cast<Topic>(i)) << spec.default_name;
    EXPECT_EQ(&SpecOf(spec.topic), &spec);
    EXPECT_TRUE(names.insert(spec.default_name).second) << spec.default_name;
    EXPECT_FALSE(spec.key.empty()) << spec.default_name;
    EXPECT_FALSE(spec.purpose.empty()) << spec.default_name;
  }
}

TEST(TableOfTopics, HasTheNamesOfThePublicContract) {
  const std::vector<std::string_view> expected = {
      "clicks",         "purchases",       "activity",        "feedback",        "profiles",          "designs",
      "design-updates", "model-updates",   "design-factors",  "model",           "recommendations",   "trends",
      "lineage",        "dead-letters",    "users-changelog", "designs-changelog", "model-changelog"};
  std::vector<std::string_view> names;
  for (const TopicSpec& spec : AllTopics()) names.push_back(spec.default_name);
  EXPECT_EQ(names, expected);
}

TEST(TableOfTopics, PartitionsByWhoOwnsTheKey) {
  const std::set<Topic> by_user = {Topic::kClicks,  Topic::kPurchases,   Topic::kActivity,
                                   Topic::kFeedback, Topic::kProfiles,   Topic::kRecommendations,
                                   Topic::kLineage, Topic::kDeadLetters, Topic::kUsersChangelog};
  const std::set<Topic> by_design = {Topic::kDesignUpdates, Topic::kDesignsChangelog};
  for (const TopicSpec& spec : AllTopics()) {
    const auto expected = by_user.contains(spec.topic)     ? Partitioning::kByUser
                          : by_design.contains(spec.topic) ? Partitioning::kByDesign
                                                           : Partitioning::kSingle;
    EXPECT_EQ(spec.partitioning, expected) << spec.default_name;
  }
}

TEST(TableOfTopics, CompactsTablesAndKeepsThemLongEnoughToBeChecked) {
  const std::set<Topic> tables = {Topic::kDesigns, Topic::kProfiles, Topic::kDesignFactors, Topic::kModel};
  const std::set<Topic> changelogs = {Topic::kUsersChangelog, Topic::kDesignsChangelog, Topic::kModelChangelog};
  for (const TopicSpec& spec : AllTopics()) {
    const bool compacted = tables.contains(spec.topic) || changelogs.contains(spec.topic);
    EXPECT_EQ(spec.cleanup, compacted ? Cleanup::kCompact : Cleanup::kDelete) << spec.default_name;
    EXPECT_EQ(spec.min_compaction_lag_ms, tables.contains(spec.topic) ? kDayMs : 0) << spec.default_name;
    EXPECT_EQ(spec.retention_ms == -1, compacted) << spec.default_name;
  }
}

TEST(TableOfTopics, StatesHowLongPersonalDataStays) {
  const std::map<Topic, int64_t> days = {
      {Topic::kClicks, 90},       {Topic::kPurchases, 90},    {Topic::kActivity, 90},       {Topic::kFeedback, 90},
      {Topic::kDesignUpdates, 3}, {Topic::kDeadLetters, 14}, {Topic::kRecommendations, 7}};
  for (const TopicSpec& spec : AllTopics()) {
    if (!spec.personal) continue;
    if (spec.cleanup == Cleanup::kCompact) {
      // Erased by a tombstone, so it must be the user's own row.
      EXPECT_EQ(spec.partitioning, Partitioning::kByUser) << spec.default_name;
    } else {
      ASSERT_TRUE(days.contains(spec.topic)) << spec.default_name;
      EXPECT_EQ(spec.retention_ms, days.at(spec.topic) * kDayMs) << spec.default_name;
    }
  }
  EXPECT_EQ(SpecOf(Topic::kLineage).retention_ms, 7 * kDayMs);
}

TEST(TopicNames, StartWithTheDefaults) {
  const TopicNames names;
  for (const TopicSpec& spec : AllTopics()) {
    EXPECT_EQ(names.Of(spec.topic), spec.default_name);
    EXPECT_EQ(names.Find(spec.default_name), &spec);
  }
  EXPECT_EQ(names.Find("click"), nullptr);
}

TEST(TopicNames, AreFoundByNewAndByDefaultName) {
  TopicNames names;
  ASSERT_TRUE(names.Rename(Topic::kClicks, "shop.clicks_v2").ok());
  EXPECT_EQ(names.Of(Topic::kClicks), "shop.clicks_v2");
  EXPECT_EQ(names.Find("shop.clicks_v2"), &SpecOf(Topic::kClicks));
  EXPECT_EQ(names.Find("clicks"), &SpecOf(Topic::kClicks));
}

TEST(TopicNames, PreferTheNameInUseToADefaultName) {
  TopicNames names;
  ASSERT_TRUE(names.Rename(Topic::kClicks, "taps").ok());
  ASSERT_TRUE(names.Rename(Topic::kPurchases, "clicks").ok());
  EXPECT_EQ(names.Find("clicks"), &SpecOf(Topic::kPurchases));
}

TEST(TopicNames, RefuseToShareAName) {
  TopicNames names;
  const Status status = names.Rename(Topic::kClicks, "purchases");
  EXPECT_EQ(status.code(), Code::kInvalidConfig);
  EXPECT_EQ(status.message(),
            "topics clicks and purchases would both be called \"purchases\": give each a name of its own");
  EXPECT_EQ(names.Of(Topic::kClicks), "clicks");
  EXPECT_TRUE(names.Rename(Topic::kClicks, "clicks").ok());
}

TEST(TopicNames, RefuseWhatKafkaWouldRefuse) {
  TopicNames names;
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a b"),
                                  std::string("a/b"), std::string("\u00e9"), std::string(250, 'x')}) {
    EXPECT_EQ(names.Rename(Topic::kClicks, name).code(), Code::kInvalidConfig) << name;
  }
  EXPECT_TRUE(names.Rename(Topic::kClicks, std::string(249, 'x')).ok());
}

}  // namespace
}  // namespace catwalk::schemas
