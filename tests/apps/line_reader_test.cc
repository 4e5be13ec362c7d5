#include "apps/replay/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/apps/text_source.h"

namespace catwalk::apps {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> ReadAll(LineReader& reader) {
  std::vector<std::string> lines;
  Line line;
  while (*reader.Next(&line)) lines.push_back(std::to_string(line.number) + ":" + std::string(line.text) + (line.too_long ? "!" : ""));
  return lines;
}

TEST(LineReader, SplitsLinesWhateverTheBlocks) {
  for (const size_t block : {1UL, 2UL, 3UL, 100UL})
    EXPECT_THAT(ReadAll(*LinesOf("one\ntwo\r\n\nfour", block)), ElementsAre("1:one", "2:two", "3:", "4:four")) << block;
}

TEST(LineReader, GivesNoLineAfterALastNewline) {
  EXPECT_THAT(ReadAll(*LinesOf("one\n")), ElementsAre("1:one"));
  EXPECT_THAT(ReadAll(*LinesOf("")), ElementsAre());
}

TEST(LineReader, DropsAByteOrderMark) { EXPECT_THAT(ReadAll(*LinesOf("\xEF\xBB\xBFone\ntwo")), ElementsAre("1:one", "2:two")); }

TEST(LineReader, CutsALineThatIsTooLongAndGoesOnAfterIt) {
  const std::string big(700'000, 'x');
  const std::string cut(64, 'x');
  EXPECT_THAT(ReadAll(*LinesOf("a\n" + big + "\nb\n" + big, 1 << 20, 1000)),
              ElementsAre("1:a", "2:" + cut + "!", "3:b", "4:" + cut + "!"));
}

TEST(LineReader, CountsTheBytesOfTheLinesGiven) {
  const auto reader = LinesOf("12345\n789\n");
  EXPECT_EQ(reader->consumed_bytes(), 0U);
  EXPECT_EQ(reader->total_bytes(), 10U);
  Line line;
  ASSERT_TRUE(*reader->Next(&line));
  EXPECT_EQ(reader->consumed_bytes(), 6U);
  ASSERT_TRUE(*reader->Next(&line));
  EXPECT_EQ(reader->consumed_bytes(), 10U);
}

TEST(LineReader, GivesPutBackLinesFirst) {
  const auto reader = LinesOf("one\ntwo\nthree");
  Line line;
  ASSERT_TRUE(*reader->Next(&line));
  const std::string one(line.text);
  ASSERT_TRUE(*reader->Next(&line));
  reader->PutBack(line);
  reader->PutBack({1, one, false});
  EXPECT_THAT(ReadAll(*reader), ElementsAre("1:one", "2:two", "3:three"));
}

}  // namespace
}  // namespace catwalk::apps
