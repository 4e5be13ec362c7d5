#include "apps/replay/row_expander.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "schemas/events.pb.h"
#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using schemas::OutgoingRecord;
using schemas::Topic;

constexpr int64_t kDayMs = 1'288'742'400'000;
constexpr int64_t kNowMs = 1'600'000'000'000;

template <class Event>
Event Read(const OutgoingRecord& record) {
  Event event;
  EXPECT_TRUE(event.ParseFromString(record.value));
  return event;
}

std::vector<std::string> Topics(const std::vector<OutgoingRecord>& records) {
  std::vector<std::string> topics;
  for (const auto& record : records) topics.push_back(record.topic);
  return topics;
}

// Columns: user, design, date, age, cup, category, fit.
class RowExpanderTest : public ::testing::Test {
 protected:
  RowExpanderTest()
      : expander_(Map("user_id=user,design_id=design,occurred_at_ms=date,profile.age=age,profile.cup=cup,"
                      "design.category=category,feedback.fit=fit",
                      "kind=rental"),
                  schemas::TopicNames(), "rent.tsv") {}

  static FieldMap Map(const std::string& maps, const std::string& sets, Topic topic = Topic::kPurchases) {
    auto map = FieldMap::Parse({maps}, {sets}, topic);
    EXPECT_THAT(map, tests::IsOk());
    EXPECT_THAT(map->Bind({"user", "design", "date", "age", "cup", "category", "fit"}), tests::IsOk());
    return std::move(map).value();
  }

  using Cells = std::vector<std::string_view>;
  std::vector<OutgoingRecord> Expand(uint64_t line, const Cells& cells) {
    std::vector<OutgoingRecord> records;
    const auto violation = expander_.Expand(line, cells, kNowMs, &records);
    rule_ = violation ? violation->rule : "";
    return records;
  }

  RowExpander expander_;
  std::string_view rule_;
};

TEST_F(RowExpanderTest, SendsProfileEventDesignFeedbackInThisOrder) {
  const auto records = Expand(17, {"ann", "d1", "2010-11-03", "38", "c", "gown", "fit"});
  ASSERT_THAT(Topics(records), ElementsAre("profiles", "purchases", "designs", "feedback"));
  const auto profile = Read<schemas::Profile>(records[0]);
  EXPECT_EQ(profile.event_id(), "rent.tsv:17/profile");
  EXPECT_EQ(profile.user_id(), "ann");
  EXPECT_EQ(profile.design_id(), "");
  EXPECT_EQ(profile.occurred_at_ms(), kDayMs);
  EXPECT_DOUBLE_EQ(profile.age(), 38);
  EXPECT_EQ(profile.attributes().at("cup"), "c");
  const auto purchase = Read<schemas::Purchase>(records[1]);
  EXPECT_EQ(purchase.event_id(), "rent.tsv:17");
  EXPECT_EQ(purchase.user_id(), "ann");
  EXPECT_EQ(purchase.design_id(), "d1");
  EXPECT_EQ(purchase.occurred_at_ms(), kDayMs);
  EXPECT_EQ(purchase.kind(), schemas::Purchase::KIND_RENTAL);
  const auto design = Read<schemas::Design>(records[2]);
  EXPECT_EQ(design.event_id(), "rent.tsv:17/design");
  EXPECT_EQ(design.user_id(), "");
  EXPECT_EQ(design.design_id(), "d1");
  EXPECT_EQ(design.category(), "gown");
  const auto feedback = Read<schemas::Feedback>(records[3]);
  EXPECT_EQ(feedback.event_id(), "rent.tsv:17/feedback");
  EXPECT_EQ(feedback.about_event_id(), "rent.tsv:17");
  EXPECT_EQ(feedback.user_id(), "ann");
  EXPECT_EQ(feedback.design_id(), "d1");
  EXPECT_EQ(feedback.fit(), schemas::Feedback::FIT_TRUE);
}

TEST_F(RowExpanderTest, KeysByUserButDesignsByDesignAndLeavesPartitionAndTimeToTheLog) {
  for (const auto& record : Expand(2, {"ann", "d1", "2010-11-03", "38", "c", "gown", "fit"})) {
    EXPECT_EQ(record.key, record.topic == "designs" ? "d1" : "ann");
    EXPECT_EQ(record.partition, -1);
    EXPECT_EQ(record.timestamp_ms, 0);
  }
}

TEST_F(RowExpanderTest, SendsProfilesAndDesignsOnlyWhenTheyChange) {
  Expand(2, {"ann", "d1", "2010-11-03", "38", "c", "gown", "fit"});
  EXPECT_THAT(Topics(Expand(3, {"ann", "d1", "2010-11-04", "38", "c", "gown", "fit"})), ElementsAre("purchases", "feedback"));
  EXPECT_THAT(Topics(Expand(4, {"ann", "d1", "2010-11-05", "", "c", "", ""})), ElementsAre("purchases"));
  EXPECT_THAT(Topics(Expand(5, {"ann", "d2", "2010-11-05", "39", "", "gown", ""})), ElementsAre("profiles", "purchases", "designs"));
  EXPECT_THAT(Topics(Expand(6, {"bob", "d1", "2010-11-05", "38", "c", "gown", ""})), ElementsAre("profiles", "purchases"));
}

TEST_F(RowExpanderTest, AChangedProfileKeepsWhatTheRowLeavesOut) {
  Expand(2, {"ann", "d1", "2010-11-03", "38", "c", "", ""});
  const auto records = Expand(3, {"ann", "d1", "2010-11-04", "39", "", "", ""});
  ASSERT_EQ(records.size(), 2U);
  const auto profile = Read<schemas::Profile>(records[0]);
  EXPECT_DOUBLE_EQ(profile.age(), 39);
  EXPECT_EQ(profile.attributes().at("cup"), "c");
}

TEST_F(RowExpanderTest, EmptyCellsAreAbsent) {
  const auto records = Expand(2, {"ann", "d1", "2010-11-03", "", "", "", ""});
  EXPECT_THAT(Topics(records), ElementsAre("purchases"));
}

TEST_F(RowExpanderTest, NothingOfABadRowIsSentOrRemembered) {
  EXPECT_THAT(Expand(2, {"ann", "d1", "2010-11-03", "old", "c", "gown", "fit"}), IsEmpty());
  EXPECT_EQ(rule_, "not_a_number");
  EXPECT_THAT(Expand(3, {"ann", "d1", "2010-11-03", "38", "c", "gown", "tight"}), IsEmpty());
  EXPECT_EQ(rule_, "unknown_enum");
  EXPECT_THAT(Topics(Expand(4, {"ann", "d1", "2010-11-03", "38", "c", "gown", "fit"})),
              ElementsAre("profiles", "purchases", "designs", "feedback"));
}

TEST_F(RowExpanderTest, RowsThatParseButBreakTheContractAreBad) {
  EXPECT_THAT(Expand(2, {"", "d1", "2010-11-03", "38", "c", "gown", ""}), IsEmpty());
  EXPECT_EQ(rule_, "missing_user_id");
  EXPECT_THAT(Expand(2, {"ann", "", "2010-11-03", "38", "c", "gown", ""}), IsEmpty());
  EXPECT_EQ(rule_, "missing_design_id");
  EXPECT_THAT(Expand(2, {"ann", "d1", "", "38", "c", "gown", ""}), IsEmpty());
  EXPECT_EQ(rule_, "time_not_positive");
  EXPECT_THAT(Expand(2, {"ann", "d1", "2020-09-15", "38", "c", "gown", ""}), IsEmpty());
  EXPECT_EQ(rule_, "time_in_future");  // now is 2020-09-13
  EXPECT_THAT(Expand(2, {"ann", "d1", "2010-11-03", "-38", "c", "gown", ""}), IsEmpty());
  EXPECT_EQ(rule_, "negative_amount");  // of the profile
}

TEST_F(RowExpanderTest, AMappedEventIdIsKept) {
  RowExpander expander(Map("event_id=category,user_id=user,design_id=design,occurred_at_ms=date,feedback.fit=fit", ""),
                       schemas::TopicNames(), "rent.tsv");
  std::vector<OutgoingRecord> records;
  EXPECT_FALSE(expander.Expand(2, Cells{"ann", "d1", "2010-11-03", "", "", "order-7", "small"}, kNowMs, &records));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(Read<schemas::Purchase>(records[0]).event_id(), "order-7");
  EXPECT_EQ(Read<schemas::Feedback>(records[1]).event_id(), "order-7/feedback");
  EXPECT_EQ(Read<schemas::Feedback>(records[1]).about_event_id(), "order-7");
}

TEST_F(RowExpanderTest, FeedbackGoesWithAValueOfAColumnNotWithAConstantAlone) {
  RowExpander expander(Map("user_id=user,design_id=design,occurred_at_ms=date,feedback.fit=fit", "feedback.proposal_id=p1"),
                       schemas::TopicNames(), "rent.tsv");
  std::vector<OutgoingRecord> records;
  EXPECT_FALSE(expander.Expand(2, Cells{"ann", "d1", "2010-11-03", "", "", "", ""}, kNowMs, &records));
  EXPECT_THAT(Topics(records), ElementsAre("purchases"));
  EXPECT_FALSE(expander.Expand(3, Cells{"ann", "d1", "2010-11-03", "", "", "", "large"}, kNowMs, &records));
  EXPECT_THAT(Topics(records), ElementsAre("purchases", "purchases", "feedback"));
  EXPECT_EQ(Read<schemas::Feedback>(records[2]).proposal_id(), "p1");
}

TEST_F(RowExpanderTest, RowsCanBeProfilesThemselves) {
  RowExpander expander(Map("user_id=user,occurred_at_ms=date,age=age,mood=cup", "", Topic::kProfiles), schemas::TopicNames(), "p.csv");
  std::vector<OutgoingRecord> records;
  EXPECT_FALSE(expander.Expand(2, Cells{"ann", "", "2010-11-03", "40", "bright", "", ""}, kNowMs, &records));
  ASSERT_THAT(Topics(records), ElementsAre("profiles"));
  EXPECT_DOUBLE_EQ(Read<schemas::Profile>(records[0]).age(), 40);
  EXPECT_EQ(Read<schemas::Profile>(records[0]).attributes().at("mood"), "bright");
}

TEST_F(RowExpanderTest, UsesTheNamesOfTopicsInUse) {
  schemas::TopicNames names;
  ASSERT_THAT(names.Rename(Topic::kPurchases, "shop.orders"), tests::IsOk());
  RowExpander expander(Map("user_id=user,design_id=design,occurred_at_ms=date", ""), names, "rent.tsv");
  std::vector<OutgoingRecord> records;
  EXPECT_FALSE(expander.Expand(2, Cells{"ann", "d1", "2010-11-03", "", "", "", ""}, kNowMs, &records));
  EXPECT_THAT(Topics(records), ElementsAre("shop.orders"));
}

}  // namespace
}  // namespace catwalk::apps
