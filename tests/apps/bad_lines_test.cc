#include "apps/replay/bad_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace catwalk::apps {
namespace {

TEST(BadLines, ReportsLineRuleAndMessage) {
  std::ostringstream out;
  BadLines bad(out, "a.csv");
  bad.Report(17, {"not_a_number", "age is \"x\"; give a number"});
  EXPECT_EQ(out.str(), "a.csv:17: not_a_number: age is \"x\"; give a number\n");
}

TEST(BadLines, OnlyCountsAfterTheFirstTwenty) {
  std::ostringstream out;
  BadLines bad(out, "a.csv");
  for (uint64_t line = 1; line <= 50; ++line) bad.Report(line, {line % 2 == 0 ? "even" : "odd", "m"});
  const std::string text = out.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 21);
  EXPECT_THAT(text, ::testing::HasSubstr("a.csv:20: even: m\nmore bad lines are only counted\n"));
  EXPECT_EQ(bad.count(), 50U);
  EXPECT_THAT(bad.by_rule(), ::testing::ElementsAre(::testing::Pair("even", 25U), ::testing::Pair("odd", 25U)));
}

}  // namespace
}  // namespace catwalk::apps
