#include "apps/replay/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "apps/replay/pacer.h"

namespace catwalk::apps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A quarter of the file in two seconds.
const ProgressView kQuarter{.input = {250, 1000}, .lines = 50'000, .bad_lines = 3, .seconds = 2};

TEST(Progress, TellsRateAndTimeLeftByBytes) {
  EXPECT_EQ(ProgressText(kQuarter), "25 %, 50,000 lines, 25,000/s, 6 s left, 3 bad");
}

TEST(Progress, SaysNoMoreThanItKnows) {
  EXPECT_EQ(ProgressText({.input = {250, 0}, .lines = 10, .bad_lines = 0, .seconds = 2}), "10 lines, 5/s");
}

TEST(Progress, DrawsABarThatFits) {
  const std::string bar = ProgressBar(kQuarter, 100);
  EXPECT_THAT(bar, HasSubstr("[██████                  ]"));
  EXPECT_THAT(bar, HasSubstr("6 s left"));
  EXPECT_LT(ProgressBar(kQuarter, 30).size(), 30U);
  EXPECT_THAT(ProgressBar(kQuarter, 30), Not(HasSubstr("[")));
}

TEST(Progress, GroupsDigits) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
}

TEST(ProgressPrinter, WritesPlainLinesEveryFiveSecondsOffATerminal) {
  std::ostringstream out;
  ProgressPrinter printer(out, 0);
  EXPECT_FALSE(printer.Due(4.9));
  EXPECT_TRUE(printer.Due(5));
  printer.Show(kQuarter);  // at 2 s, so the next is due at 7 s
  EXPECT_FALSE(printer.Due(6.9));
  EXPECT_TRUE(printer.Due(7));
  EXPECT_EQ(out.str(), ProgressText(kQuarter) + "\n");
  printer.Clear();
  EXPECT_THAT(out.str(), Not(HasSubstr("\x1b")));
}

TEST(ProgressPrinter, DrawsOverItselfOnATerminalAndClears) {
  std::ostringstream out;
  ProgressPrinter printer(out, 100);
  printer.Show(kQuarter);
  EXPECT_TRUE(printer.Due(2.1));
  printer.Clear();
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K"));
}

TEST(Pacer, KeepsItsScheduleWhateverWasLate) {
  const Pacer pacer(1000, 5'000'000);
  EXPECT_EQ(pacer.DueUs(0), 5'000'000);
  EXPECT_EQ(pacer.DueUs(1), 5'001'000);
  EXPECT_EQ(pacer.DueUs(3'600'000), 3'605'000'000);
}

TEST(Pacer, WithoutARateEverythingIsDue) {
  const Pacer pacer(0, 5'000'000);
  EXPECT_FALSE(pacer.limited());
  EXPECT_LT(pacer.DueUs(1'000'000), 0);
}

}  // namespace
}  // namespace catwalk::apps
