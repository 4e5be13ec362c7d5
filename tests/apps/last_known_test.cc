#include "apps/replay/last_known.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace catwalk::apps {
namespace {

using ::testing::ElementsAre;
using Cells = std::vector<std::string_view>;

TEST(LastKnown, KnowsNothingAtFirst) {
  LastKnown known;
  Cells cells{"a", ""};
  EXPECT_TRUE(known.Merge("ann", cells));
  EXPECT_THAT(cells, ElementsAre("a", ""));
}

TEST(LastKnown, SeesNoChangeInWhatItKnows) {
  LastKnown known;
  known.Remember("ann", Cells{"a", "b"});
  Cells same{"a", "b"}, less{"", "b"}, nothing{"", ""};
  EXPECT_FALSE(known.Merge("ann", same));
  EXPECT_FALSE(known.Merge("ann", less));
  EXPECT_FALSE(known.Merge("ann", nothing));
  EXPECT_THAT(less, ElementsAre("a", "b"));
}

TEST(LastKnown, FillsInWhatAChangeLeavesOut) {
  LastKnown known;
  known.Remember("ann", Cells{"a", "b", ""});
  Cells cells{"", "c", "d"};
  EXPECT_TRUE(known.Merge("ann", cells));
  EXPECT_THAT(cells, ElementsAre("a", "c", "d"));
}

TEST(LastKnown, KeepsKeysApart) {
  LastKnown known;
  known.Remember("ann", Cells{"a"});
  Cells cells{"a"};
  EXPECT_TRUE(known.Merge("bob", cells));
}

TEST(LastKnown, RemembersOnlyWhenTold) {
  LastKnown known;
  Cells cells{"a"};
  EXPECT_TRUE(known.Merge("ann", cells));
  EXPECT_TRUE(known.Merge("ann", cells));
  known.Remember("ann", cells);
  EXPECT_FALSE(known.Merge("ann", cells));
}

}  // namespace
}  // namespace catwalk::apps
