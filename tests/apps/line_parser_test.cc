#include "apps/replay/line_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "schemas/base64.h"
#include "schemas/events.pb.h"

namespace catwalk::apps {
namespace {

using schemas::OutgoingRecord;
using schemas::Topic;

constexpr int64_t kNowMs = 1'600'000'000'000;

class LineParserTest : public ::testing::Test {
 protected:
  // The rule a line breaks; its record goes to record_.
  std::string Parse(LineParser& parser, const std::string& text) {
    std::vector<OutgoingRecord> records;
    const auto violation = parser.Parse(3, text, kNowMs, &records);
    EXPECT_EQ(records.size(), violation ? 0U : 1U);
    if (!records.empty()) record_ = records[0];
    return violation ? std::string(violation->rule) : "";
  }

  OutgoingRecord record_;
};

constexpr const char* kClick =
    R"({"event_id":"e1","user_id":"ann","design_id":"d1","occurred_at_ms":1288742400000,"action":"cart","topic":"clicks"})";

TEST_F(LineParserTest, SendsAnEventToTheTopicItNames) {
  const auto parser = MakeEventLineParser({}, std::nullopt, "a.jsonl");
  EXPECT_EQ(Parse(*parser, kClick), "");
  EXPECT_EQ(record_.topic, "clicks");
  EXPECT_EQ(record_.key, "ann");
  schemas::Click click;
  ASSERT_TRUE(click.ParseFromString(record_.value));
  EXPECT_EQ(click.event_id(), "e1");
  EXPECT_EQ(click.action(), schemas::Click::ACTION_CART);
  EXPECT_EQ(click.occurred_at_ms(), 1'288'742'400'000);
}

TEST_F(LineParserTest, MakesAMissingEventIdFromFileAndLine) {
  const auto parser = MakeEventLineParser({}, std::nullopt, "a.jsonl");
  EXPECT_EQ(Parse(*parser, R"({"topic":"purchases","user_id":"ann","design_id":"d1","occurred_at_ms":1})"), "");
  schemas::Purchase purchase;
  ASSERT_TRUE(purchase.ParseFromString(record_.value));
  EXPECT_EQ(purchase.event_id(), "a.jsonl:3");
}

TEST_F(LineParserTest, KeysDesignsByDesign) {
  const auto parser = MakeEventLineParser({}, std::nullopt, "a.jsonl");
  EXPECT_EQ(Parse(*parser, R"({"topic":"designs","design_id":"d1","occurred_at_ms":1,"category":"gown"})"), "");
  EXPECT_EQ(record_.key, "d1");
}

TEST_F(LineParserTest, UsesTheGivenTopicWhereALineNamesNone) {
  const std::string line = R"({"user_id":"ann","design_id":"d1","occurred_at_ms":1})";
  EXPECT_EQ(Parse(*MakeEventLineParser({}, std::nullopt, "a"), line), "missing_topic");
  EXPECT_EQ(Parse(*MakeEventLineParser({}, Topic::kClicks, "a"), line), "");
  EXPECT_EQ(record_.topic, "clicks");
}

TEST_F(LineParserTest, NamesTheRuleOfABadLineAndGoesOn) {
  const auto parser = MakeEventLineParser({}, std::nullopt, "a.jsonl");
  EXPECT_EQ(Parse(*parser, "{\"topic\":\"clicks\""), "undecodable");
  EXPECT_EQ(Parse(*parser, "not json"), "undecodable");
  EXPECT_EQ(Parse(*parser, "[1]"), "undecodable");
  EXPECT_EQ(Parse(*parser, R"({"topic":"recommendations","user_id":"ann"})"), "unknown_topic");
  EXPECT_EQ(Parse(*parser, R"({"topic":"nowhere"})"), "unknown_topic");
  EXPECT_EQ(Parse(*parser, R"({"topic":"clicks","user_id":"ann","design_id":"d1","occurred_at_ms":1,"action":"hug"})"), "unknown_enum");
  EXPECT_EQ(Parse(*parser, R"({"topic":"clicks","design_id":"d1","occurred_at_ms":1})"), "missing_user_id");
  EXPECT_EQ(Parse(*parser, kClick), "");
}

TEST_F(LineParserTest, SendsADeadLetterBackWhereItCameFrom) {
  const auto parser = MakeDeadLetterLineParser({});
  EXPECT_EQ(Parse(*parser, R"({"source_topic":"purchases","source_partition":1,"source_offset":7,"rule":"negative_amount",)"
                           R"("message":"m","key":"old","value":{"event_id":"e1","user_id":"ann","design_id":"d1",)"
                           R"("occurred_at_ms":5,"quantity":2}})"),
            "");
  EXPECT_EQ(record_.topic, "purchases");
  EXPECT_EQ(record_.key, "ann");
  schemas::Purchase purchase;
  ASSERT_TRUE(purchase.ParseFromString(record_.value));
  EXPECT_EQ(purchase.event_id(), "e1");
  EXPECT_DOUBLE_EQ(purchase.quantity(), 2);
}

TEST_F(LineParserTest, TakesADeadLettersBytesToo) {
  schemas::Click click;
  click.set_event_id("e1");
  click.set_user_id("ann");
  click.set_design_id("d1");
  click.set_occurred_at_ms(5);
  std::string base64;
  schemas::AppendBase64(click.SerializeAsString(), &base64);
  const auto parser = MakeDeadLetterLineParser({});
  EXPECT_EQ(Parse(*parser, R"({"source_topic":"clicks","value_base64":")" + base64 + "\"}"), "");
  EXPECT_EQ(record_.value, click.SerializeAsString());
}

TEST_F(LineParserTest, ADeadLetterNotRepairedIsStillBad) {
  const auto parser = MakeDeadLetterLineParser({});
  EXPECT_EQ(Parse(*parser, R"({"source_topic":"clicks","value":{"event_id":"e1","user_id":"ann","occurred_at_ms":5}})"), "missing_design_id");
  EXPECT_EQ(Parse(*parser, R"({"source_topic":"clicks","value_base64":"////"})"), "undecodable");
  EXPECT_EQ(Parse(*parser, R"({"source_topic":"clicks"})"), "undecodable");
  EXPECT_EQ(Parse(*parser, R"({"value":{}})"), "missing_topic");
  EXPECT_EQ(Parse(*parser, R"({"source_topic":"lineage","value":{}})"), "unknown_topic");
}

}  // namespace
}  // namespace catwalk::apps
