#include "apps/replay/field_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

using ::testing::HasSubstr;
using schemas::Topic;
using tests::HasCode;
using tests::HasMessage;
using tests::IsOk;

Result<FieldMap> Parse(std::vector<std::string> maps, std::vector<std::string> sets = {}) {
  return FieldMap::Parse(maps, sets, Topic::kPurchases);
}

TEST(FieldMap, SendsEachFieldToItsRecord) {
  const auto map = Parse({"user_id=u,design.category=c", "profile.age=a,feedback.fit=f"}, {"kind=rental"});
  ASSERT_THAT(map, IsOk());
  const auto& mappings = map->mappings();
  ASSERT_EQ(mappings.size(), 5U);
  EXPECT_EQ(mappings[0].part, Part::kEvent);
  EXPECT_EQ(mappings[0].field->full_name(), "catwalk.schemas.Purchase.user_id");
  EXPECT_EQ(mappings[1].part, Part::kDesign);
  EXPECT_EQ(mappings[1].field->full_name(), "catwalk.schemas.Design.category");
  EXPECT_EQ(mappings[2].field->full_name(), "catwalk.schemas.Profile.age");
  EXPECT_EQ(mappings[3].field->full_name(), "catwalk.schemas.Feedback.fit");
  EXPECT_TRUE(mappings[4].constant);
  EXPECT_EQ(mappings[4].source, "rental");
}

TEST(FieldMap, MakesAttributesOfWhatProfilesAndDesignsDoNotHave) {
  const auto map = Parse({"profile.mood=m,design.heel=h"});
  ASSERT_THAT(map, IsOk());
  EXPECT_EQ(map->mappings()[0].attribute, "mood");
  EXPECT_EQ(map->mappings()[0].field->full_name(), "catwalk.schemas.Profile.attributes");
  EXPECT_EQ(map->mappings()[1].attribute, "heel");
}

TEST(FieldMap, RefusesUnknownFieldsWithThoseThereAre) {
  const auto map = Parse({"colour=c"});
  EXPECT_THAT(map, HasCode(Code::kInvalidArgument));
  EXPECT_THAT(map, HasMessage(HasSubstr("quantity")));
  EXPECT_THAT(Parse({"feedback.mood=m"}), HasCode(Code::kInvalidArgument));
}

TEST(FieldMap, RefusesAssignmentsThatAreNone) {
  for (const char* text : {"user_id", "=u", "user_id=", "nothing=at=all"})
    EXPECT_THAT(Parse({text}), HasCode(Code::kInvalidArgument)) << text;
}

TEST(FieldMap, RefusesAFieldGivenTwice) {
  EXPECT_THAT(Parse({"kind=k"}, {"kind=rental"}), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(Parse({"profile.mood=a,profile.mood=b"}), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(Parse({"profile.mood=a,profile.pace=b"}), IsOk());
}

TEST(FieldMap, RefusesAConstantThatWouldSpoilEveryRow) {
  const auto map = Parse({}, {"kind=lease"});
  EXPECT_THAT(map, HasCode(Code::kInvalidArgument));
  EXPECT_THAT(map, HasMessage(HasSubstr("purchase, rental, return")));
  EXPECT_THAT(Parse({}, {"profile.age=old"}), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(Parse({}, {"profile.mood=old,quantity=2"}), IsOk());
}

TEST(FieldMap, RefusesTopicsThatAreNoInput) {
  EXPECT_THAT(FieldMap::Parse({}, {}, Topic::kRecommendations), HasCode(Code::kInvalidArgument));
}

TEST(FieldMap, FindsItsColumns) {
  auto map = Parse({"user_id=who,design_id=what"}, {"kind=rental"});
  ASSERT_THAT(map, IsOk());
  ASSERT_THAT(map->Bind({"what", "when", "who"}), IsOk());
  EXPECT_EQ(map->mappings()[0].column, 2U);
  EXPECT_EQ(map->mappings()[1].column, 0U);
}

TEST(FieldMap, NamesAMissingColumnAndThoseThereAre) {
  auto map = Parse({"user_id=whom"});
  ASSERT_THAT(map, IsOk());
  const Status status = map->Bind({"who", "what"});
  EXPECT_THAT(status, HasCode(Code::kInvalidArgument));
  EXPECT_THAT(status, HasMessage(HasSubstr("\"whom\"")));
  EXPECT_THAT(status, HasMessage(HasSubstr("who, what")));
}

}  // namespace
}  // namespace catwalk::apps
