#include "state/partition_key.h"

#include <limits>
#include <string_view>

#include <gtest/gtest.h>

namespace catwalk::state {
namespace {

TEST(PartitionKey, PutsTheNumberBigEndianBeforeTheKey) {
  EXPECT_EQ(PartitionKey(0x01020304, "k"), "\x01\x02\x03\x04k");
  EXPECT_EQ(PartitionKey(0, ""), std::string_view("\0\0\0\0", 4));
}

TEST(PartitionRange, HoldsAllKeysOfThePartitionAndNoOther) {
  for (const int32_t partition : {0, 1, 255, 256, std::numeric_limits<int32_t>::max()}) {
    const KeyRange range = PartitionRange(partition);
    EXPECT_GE(PartitionKey(partition, ""), range.begin);
    EXPECT_LT(PartitionKey(partition, std::string(100, '\xff')), range.end);
    if (partition > 0) {
      EXPECT_LT(PartitionKey(partition - 1, std::string(100, '\xff')), range.begin);
    }
    if (partition < std::numeric_limits<int32_t>::max()) {
      EXPECT_GE(PartitionKey(partition + 1, ""), range.end);
    }
  }
}

}  // namespace
}  // namespace catwalk::state
