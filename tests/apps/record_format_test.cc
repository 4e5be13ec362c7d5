#include "apps/tail/record_format.h"

#include <gtest/gtest.h>

#include <string>

#include "schemas/events.pb.h"
#include "schemas/outputs.pb.h"
#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

std::string Json(const schemas::Record& record, const schemas::TopicNames& names = {}) {
  std::string json;
  AppendRecordJson(record, names, &json);
  return json;
}

schemas::Record MakeRecord(std::string_view topic, std::string_view key, std::string_view value) {
  schemas::Record record;
  record.topic = topic;
  record.key = key;
  record.value = value;
  return record;
}

TEST(RecordFormat, WritesARecommendationInSnakeCase) {
  schemas::Recommendation list;
  list.set_user_id("ann");
  list.set_event_id("e1");
  list.set_generated_at_ms(7);
  auto* item = list.add_items();
  item->set_design_id("d1");
  item->set_score(0.5F);
  EXPECT_EQ(Json(MakeRecord("recommendations", "ann", list.SerializeAsString())),
            R"({"user_id":"ann","event_id":"e1","generated_at_ms":7,"items":[{"design_id":"d1","score":0.5,"reasons":[]}]})");
}

TEST(RecordFormat, WritesADeadLetterWithItsValueWhereThatDecodes) {
  schemas::Purchase purchase;
  purchase.set_event_id("e1");
  purchase.set_quantity(-1);
  const std::string value = purchase.SerializeAsString();
  auto record = MakeRecord("dead-letters", "ann", value);
  record.headers = {{"source_topic", "purchases"}, {"source_partition", "2"}, {"source_offset", "9"},
                    {"rule", "negative_amount"}, {"message", "say \"hi\""}};
  EXPECT_EQ(Json(record), R"({"source_topic":"purchases","source_partition":2,"source_offset":9,"rule":"negative_amount",)"
                          R"("message":"say \"hi\"","key":"ann","value":{"event_id":"e1","user_id":"","design_id":"",)"
                          R"("occurred_at_ms":0,"quantity":-1}})");
}

TEST(RecordFormat, WritesADeadLettersBytesWhereItDoesNot) {
  auto record = MakeRecord("dead-letters", "ann", "\xff\xff\xff");
  record.headers = {{"source_topic", "purchases"}, {"rule", "undecodable"}};
  EXPECT_EQ(Json(record), R"({"source_topic":"purchases","source_partition":0,"source_offset":0,"rule":"undecodable",)"
                          R"("message":"","key":"ann","value_base64":"////"})");
}

TEST(RecordFormat, WritesTopicsItDoesNotKnowAsTheyAre) {
  EXPECT_EQ(Json(MakeRecord("other", "k", "text")), R"({"key":"k","value":"text"})");
  EXPECT_EQ(Json(MakeRecord("other", "k", "\xff\xff\xff")), R"({"key":"k","value_base64":"////"})");
}

TEST(RecordFormat, MarksDeletedKeys) {
  auto record = MakeRecord("profiles", "ann", "");
  record.tombstone = true;
  EXPECT_EQ(Json(record), R"({"key":"ann","tombstone":true})");
}

TEST(RecordFormat, SaysWhyAValueDoesNotDecode) {
  const std::string json = Json(MakeRecord("clicks", "ann", "\xff\xff\xff"));
  EXPECT_TRUE(json.starts_with(R"({"key":"ann","undecodable":")")) << json;
  EXPECT_TRUE(json.ends_with(R"(","value_base64":"////"})")) << json;
}

TEST(RecordFormat, KnowsRenamedTopics) {
  schemas::TopicNames names;
  ASSERT_THAT(names.Rename(schemas::Topic::kProfiles, "people"), tests::IsOk());
  schemas::Profile profile;
  profile.set_user_id("ann");
  EXPECT_EQ(Json(MakeRecord("people", "ann", profile.SerializeAsString()), names),
            R"({"event_id":"","user_id":"ann","design_id":"","occurred_at_ms":0})");
}

TEST(RecordFormat, AlignsLinesForPeople) {
  auto record = MakeRecord("other", "k", "text");
  record.timestamp_ms = 1'288'746'123'045;
  std::string line;
  AppendRecordText(record, {}, &line);
  EXPECT_EQ(line, "2010-11-03 01:02:03.045  k                 {\"key\":\"k\",\"value\":\"text\"}");
}

}  // namespace
}  // namespace catwalk::apps
