#include "apps/dead_letter.h"

#include <gtest/gtest.h>

#include <vector>

namespace catwalk::apps {
namespace {

TEST(DeadLetter, ReadsItsHeaders) {
  const std::vector<schemas::Header> headers{{"rule", "undecodable"}, {"source_topic", "clicks"}, {"source_partition", "3"},
                                             {"source_offset", "123456789012"}, {"message", "no bytes"}};
  const DeadLetter letter = ReadDeadLetter(headers);
  EXPECT_EQ(letter.source_topic, "clicks");
  EXPECT_EQ(letter.source_partition, 3);
  EXPECT_EQ(letter.source_offset, 123456789012);
  EXPECT_EQ(letter.rule, "undecodable");
  EXPECT_EQ(letter.message, "no bytes");
}

TEST(DeadLetter, LeavesEmptyWhatIsMissing) {
  const std::vector<schemas::Header> headers{{"source_offset", "x"}};
  const DeadLetter letter = ReadDeadLetter(headers);
  EXPECT_EQ(letter.source_topic, "");
  EXPECT_EQ(letter.source_offset, 0);
}

}  // namespace
}  // namespace catwalk::apps
