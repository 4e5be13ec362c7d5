#include "apps/replay/cell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "schemas/events.pb.h"

namespace catwalk::apps {
namespace {

using ::testing::HasSubstr;

template <class Event>
std::string Set(Event* event, const std::string& field, std::string_view cell) {
  const auto violation = SetCell(event, *Event::descriptor()->FindFieldByName(field), cell);
  return violation ? std::string(violation->rule) : "";
}

TEST(SetCell, PutsEachTypeOfField) {
  schemas::Profile profile;
  EXPECT_EQ(Set(&profile, "user_id", "ann"), "");
  EXPECT_EQ(Set(&profile, "age", "38.5"), "");
  EXPECT_EQ(Set(&profile, "consents", "mail"), "");
  EXPECT_EQ(Set(&profile, "consents", "web"), "");
  EXPECT_EQ(profile.user_id(), "ann");
  EXPECT_DOUBLE_EQ(profile.age(), 38.5);
  EXPECT_THAT(profile.consents(), ::testing::ElementsAre("mail", "web"));
  schemas::Click click;
  EXPECT_EQ(Set(&click, "position", "3"), "");
  EXPECT_EQ(click.position(), 3);
  schemas::Feedback feedback;
  EXPECT_EQ(Set(&feedback, "like", "No"), "");
  EXPECT_TRUE(feedback.has_like());
  EXPECT_FALSE(feedback.like());
}

TEST(SetCell, TakesTimesWhereAFieldIsOne) {
  schemas::Design design;
  EXPECT_EQ(Set(&design, "occurred_at_ms", "2010-11-03"), "");
  EXPECT_EQ(design.occurred_at_ms(), 1'288'742'400'000);
  EXPECT_EQ(Set(&design, "released_at_ms", "1288742400"), "");
  EXPECT_EQ(design.released_at_ms(), 1'288'742'400'000);
  EXPECT_EQ(Set(&design, "price_minor", "1999"), "");
  EXPECT_EQ(design.price_minor(), 1999);
  EXPECT_EQ(Set(&design, "price_minor", "2010-11-03"), "not_a_number");
  EXPECT_EQ(Set(&design, "expires_at_ms", "soon"), "not_a_time");
}

TEST(SetCell, TakesWordsOfAnEnumerationInAnyCase) {
  schemas::Feedback feedback;
  for (const auto& [word, fit] : {std::pair{"fit", schemas::Feedback::FIT_TRUE}, {"small", schemas::Feedback::FIT_SMALL},
                                  {"LARGE", schemas::Feedback::FIT_LARGE}, {"true", schemas::Feedback::FIT_TRUE}}) {
    EXPECT_EQ(Set(&feedback, "fit", word), "") << word;
    EXPECT_EQ(feedback.fit(), fit) << word;
  }
  schemas::Click click;
  EXPECT_EQ(Set(&click, "action", "Try-On"), "");
  EXPECT_EQ(click.action(), schemas::Click::ACTION_TRY_ON);
}

TEST(SetCell, NamesTheWordsThereAre) {
  schemas::Purchase purchase;
  const auto violation = SetCell(&purchase, *schemas::Purchase::descriptor()->FindFieldByName("kind"), "lease");
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->rule, "unknown_enum");
  EXPECT_THAT(violation->message, HasSubstr("lease"));
  EXPECT_THAT(violation->message, HasSubstr("purchase, rental, return"));
}

TEST(SetCell, RefusesNumbersThatDoNotParseAsAWhole) {
  schemas::Profile profile;
  for (const char* cell : {"5' 8\"", "38 ", "", "x", "1,5"}) EXPECT_EQ(Set(&profile, "age", cell), "not_a_number") << cell;
  EXPECT_FALSE(profile.has_age());
  schemas::Click click;
  EXPECT_EQ(Set(&click, "position", "99999999999"), "not_a_number");
}

}  // namespace
}  // namespace catwalk::apps
