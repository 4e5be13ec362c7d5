#include "apps/replay/time_parse.h"

#include <gtest/gtest.h>

namespace catwalk::apps {
namespace {

// 2010-11-03T00:00:00Z is 1,288,742,400 s (date -u -d 2010-11-03 +%s).
constexpr int64_t kDayMs = 1'288'742'400'000;

TEST(ParseTime, TakesDatesAsMidnightUtc) { EXPECT_EQ(ParseTime("2010-11-03"), kDayMs); }

TEST(ParseTime, TakesDateTimesWithAndWithoutSeconds) {
  EXPECT_EQ(ParseTime("2010-11-03T01:02"), kDayMs + 3'720'000);
  EXPECT_EQ(ParseTime("2010-11-03 01:02:03"), kDayMs + 3'723'000);
  EXPECT_EQ(ParseTime("2010-11-03T01:02:03.5Z"), kDayMs + 3'723'500);
  EXPECT_EQ(ParseTime("2010-11-03T01:02:03.123456Z"), kDayMs + 3'723'123);
}

TEST(ParseTime, SubtractsTheZone) {
  EXPECT_EQ(ParseTime("2010-11-03T01:00:00+01:00"), kDayMs);
  EXPECT_EQ(ParseTime("2010-11-02T18:30:00-0530"), kDayMs);
  EXPECT_EQ(ParseTime("2010-11-03T02+01"), std::nullopt);
}

TEST(ParseTime, TellsSecondsFromMillisecondsBySize) {
  EXPECT_EQ(ParseTime("1288742400"), kDayMs);
  EXPECT_EQ(ParseTime("1288742400000"), kDayMs);
  EXPECT_EQ(ParseTime("1288742400.25"), kDayMs + 250);
  EXPECT_EQ(ParseTime("0"), 0);
  EXPECT_EQ(ParseTime("-5"), -5000);
}

TEST(ParseTime, KnowsLeapDays) {
  EXPECT_TRUE(ParseTime("2012-02-29").has_value());
  EXPECT_EQ(ParseTime("2011-02-29"), std::nullopt);
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "2010-13-01", "2010-11-03x", "2010-11-03T25:00", "2010-11-03T01:60",
                           "03/11/2010", "12 s", "nan", "inf", "1e30", "2010-11-03T01:02:03.", "2010-11-03T01:02+"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(FormatTime, IsReadBackAsTheSameTime) {
  EXPECT_EQ(FormatTime(kDayMs + 3'723'045), "2010-11-03 01:02:03.045");
  for (const int64_t time : {int64_t{1}, kDayMs, kDayMs + 86'399'999, int64_t{4'102'444'800'000}})
    EXPECT_EQ(ParseTime(FormatTime(time)), time);
}

}  // namespace
}  // namespace catwalk::apps
