#include "schemas/enum_words.h"

#include <gtest/gtest.h>

#include "schemas/events.pb.h"

namespace catwalk::schemas {
namespace {

TEST(EnumWords, AreReadInAnyCaseAndWithEitherSeparator) {
  const auto& actions = *Click::Action_descriptor();
  for (const char* word : {"try-on", "try_on", "TRY_ON", "Try_On", "TRY-ON", "ACTION_TRY_ON", "action-try-on"}) {
    EXPECT_EQ(ParseEnumWord(actions, word), Click::ACTION_TRY_ON) << word;
  }
  EXPECT_EQ(ParseEnumWord(actions, "Click"), Click::ACTION_CLICK);
}

TEST(EnumWords, AreUnknownWhenNotWhole) {
  for (const char* word : {"", "try", "tryon", "try-on ", "ACTION_", "ACTION", "try--on"}) {
    EXPECT_EQ(ParseEnumWord(*Click::Action_descriptor(), word), std::nullopt) << word;
  }
}

TEST(EnumWords, KnowAliases) {
  EXPECT_EQ(ParseEnumWord(*Feedback::Fit_descriptor(), "fit"), Feedback::FIT_TRUE);
  EXPECT_EQ(ParseEnumWord(*Feedback::Fit_descriptor(), "true"), Feedback::FIT_TRUE);
  EXPECT_EQ(EnumWord(*Feedback::Fit_descriptor(), Feedback::FIT_FIT), "true");
}

TEST(EnumWords, AreWrittenInLowerCaseWithDashes) {
  EXPECT_EQ(EnumWord(*Click::Action_descriptor(), Click::ACTION_TRY_ON), "try-on");
  EXPECT_EQ(EnumWord(*Click::Action_descriptor(), 99), std::nullopt);
  EXPECT_EQ(EnumWords(*Purchase::Kind_descriptor()), "purchase, rental, return");
}

}  // namespace
}  // namespace catwalk::schemas
