#include "apps/replay/delimited.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/apps/text_source.h"
#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

using ::testing::ElementsAre;
using tests::HasCode;
using tests::IsOk;

// Each row as "line|cell|cell" or "line!rule".
std::vector<std::string> Rows(const std::string& text) {
  const auto lines = LinesOf(text);
  DelimitedReader reader(*lines);
  EXPECT_THAT(reader.Open(), IsOk());
  std::vector<std::string> rows;
  Row row;
  while (*reader.Next(&row)) {
    std::string shown = std::to_string(row.line);
    for (const auto cell : row.cells) shown += "|" + std::string(cell);
    if (row.violation) shown += "!" + std::string(row.violation->rule);
    rows.push_back(shown);
  }
  return rows;
}

TEST(DelimitedReader, SplitsAtTabsWhereTheHeaderHasOne) {
  EXPECT_THAT(Rows("a\tb\n1,5\t2\n\t\n"), ElementsAre("2|1,5|2", "3||"));
}

TEST(DelimitedReader, SplitsAtCommasElse) { EXPECT_THAT(Rows("a,b,c\n1,,3\r\n"), ElementsAre("2|1||3")); }

TEST(DelimitedReader, NamesTheColumns) {
  const auto lines = LinesOf("\n\"a \"\"b\"\"\",c,\n");
  DelimitedReader reader(*lines);
  ASSERT_THAT(reader.Open(), IsOk());
  EXPECT_THAT(reader.columns(), ElementsAre("a \"b\"", "c", ""));
}

TEST(DelimitedReader, UnquotesCells) {
  EXPECT_THAT(Rows("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"\",2\n"), ElementsAre("2|x,y|say \"hi\"", "3||2"));
}

TEST(DelimitedReader, LeavesQuotesInsideACellAlone) { EXPECT_THAT(Rows("a,b\n5' 8\",\"x\"\n"), ElementsAre("2|5' 8\"|x")); }

TEST(DelimitedReader, JoinsAQuotedCellOverLinesAndKeepsCounting) {
  EXPECT_THAT(Rows("a,b\n\"x\ny\n\nz\",2\n3,4\n"), ElementsAre("2|x\ny\n\nz|2", "6|3|4"));
}

TEST(DelimitedReader, SpoilsOnlyTheLineOfAStrayQuote) {
  EXPECT_THAT(Rows("a,b\n\"x,2\n3,4\n5,6\n"), ElementsAre("2!bad_quotes", "3|3|4", "4|5|6"));
  EXPECT_THAT(Rows("a,b\n\"x\"y,2\n3,4\n"), ElementsAre("2!bad_quotes", "3|3|4"));
  EXPECT_THAT(Rows("a,b\n\"x,2\n\"y,3\n\"z\",5\n"), ElementsAre("2!bad_quotes", "3!bad_quotes", "4|z|5"));
}

TEST(DelimitedReader, ReportsRowsThatDoNotFitTheHeader) {
  EXPECT_THAT(Rows("a,b\n1\n1,2,3\n\n1,2\n"), ElementsAre("2!wrong_columns", "3!wrong_columns", "5|1|2"));
}

TEST(DelimitedReader, RefusesAnEmptyFile) {
  const auto lines = LinesOf("\n\n");
  EXPECT_THAT(DelimitedReader(*lines).Open(), HasCode(Code::kInvalidArgument));
}

}  // namespace
}  // namespace catwalk::apps
