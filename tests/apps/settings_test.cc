#include "apps/settings.h"

#include <gtest/gtest.h>

#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

using tests::HasCode;
using tests::IsOk;

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() { RegisterSettings(&config_, &settings_); }

  Settings settings_;
  Config config_;
};

TEST_F(SettingsTest, TheEmbeddedLogIsTheDefault) {
  EXPECT_FALSE(settings_.on_kafka());
  const auto names = settings_.Names();
  ASSERT_THAT(names, IsOk());
  for (const auto& spec : schemas::AllTopics()) EXPECT_EQ(names->Of(spec.topic), spec.default_name);
}

TEST_F(SettingsTest, ReadsAFile) {
  ASSERT_THAT(config_.LoadYaml("kafka:\n  bootstrap: 127.0.0.1:9092\n  properties:\n    security.protocol: ssl\n"
                               "topics:\n  partitions: 8\n  dead_letters: broken\n",
                               "catwalk.yaml"),
              IsOk());
  EXPECT_TRUE(settings_.on_kafka());
  EXPECT_EQ(settings_.kafka.properties.at("security.protocol"), "ssl");
  EXPECT_EQ(settings_.partitions, 8);
  const auto names = settings_.Names();
  ASSERT_THAT(names, IsOk());
  EXPECT_EQ(names->Of(schemas::Topic::kDeadLetters), "broken");
}

TEST_F(SettingsTest, RefusesTwoTopicsOfOneName) {
  ASSERT_THAT(config_.LoadYaml("topics:\n  clicks: purchases\n", "catwalk.yaml"), IsOk());
  EXPECT_THAT(settings_.Names(), HasCode(Code::kInvalidConfig));
}

TEST_F(SettingsTest, TopicNamesMaySwap) {
  ASSERT_THAT(config_.LoadYaml("topics:\n  clicks: purchases\n  purchases: clicks\n", "catwalk.yaml"), IsOk());
  const auto names = settings_.Names();
  ASSERT_THAT(names, IsOk());
  EXPECT_EQ(names->Of(schemas::Topic::kClicks), "purchases");
}

TEST_F(SettingsTest, RefusesValuesOutOfBounds) {
  EXPECT_THAT(config_.LoadYaml("topics:\n  partitions: 0\n", "catwalk.yaml"), HasCode(Code::kInvalidConfig));
}

}  // namespace
}  // namespace catwalk::apps
