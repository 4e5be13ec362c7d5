#include "apps/demo/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace catwalk::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<Screen::Row> kRows = {
    {"Bexley crimson leather blazer", "Lumière emerald denim gown", "new", "because you clicked Aurelia emerald denim gown", true},
    {"Kestrel saffron linen skirt", "Kestrel saffron linen skirt", "up 1", "popular now", false}};

std::string Compared(int columns) {
  std::ostringstream out;
  Screen(out, columns, false).Comparison(kRows);
  return out.str();
}

/// Characters, of which some are more than a byte.
long LongestLine(const std::string& text) {
  long longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    longest = std::max<long>(longest, std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  return longest;
}

TEST(Screen, TellsTheWholeReasonWhereThereIsNoTerminal) {
  EXPECT_THAT(Compared(0), HasSubstr("because you clicked Aurelia emerald denim gown\n"));
}

TEST(Screen, CutsReasonsToTheTerminal) {
  for (const int columns : {80, 100, 110}) EXPECT_EQ(LongestLine(Compared(columns)), columns);
  EXPECT_THAT(Compared(110), HasSubstr("because you clicked Aurelia"));
  EXPECT_THAT(Compared(110), HasSubstr("…\n"));
  EXPECT_THAT(Compared(200), Not(HasSubstr("…")));
}

TEST(Screen, LeavesTheListsWholeOnANarrowTerminal) {
  EXPECT_THAT(Compared(40), HasSubstr("Lumière emerald denim gown"));
}

}  // namespace
}  // namespace catwalk::apps
