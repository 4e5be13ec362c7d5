#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace catwalk {
namespace {

struct JavaVector {
  std::string_view key;
  int32_t murmur2;  // as org.apache.kafka.common.utils.UtilsTest.testMurmur2 expects it
};

constexpr std::array<JavaVector, 6> kJavaVectors = {{
    {"21", -973932308},
    {"foobar", -790332482},
    {"a-little-bit-long-string", -985981536},
    {"a-little-bit-longer-string", -1486304829},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    {"abc", 479470107},
}};

TEST(Murmur2, EqualsKafkasJavaClient) {
  for (const auto& [key, expected] : kJavaVectors) {
    EXPECT_EQ(static_cast<int32_t>(Murmur2(key)), expected) << key;
  }
}

TEST(Murmur2, TakesBytesAboveAsciiAsUnsigned) {
  EXPECT_EQ(static_cast<int32_t>(Murmur2("\xff")), -311467685);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("Kr\xc3\xa4uter")), 1416180361);
}

TEST(PartitionForKey, IsThePositiveHashModuloThePartitions) {
  for (const auto& [key, hash] : kJavaVectors) {
    const int32_t positive = hash & 0x7fffffff;
    EXPECT_EQ(PartitionForKey(key, 12), positive % 12) << key;
    EXPECT_EQ(PartitionForKey(key, 1), 0) << key;
  }
}

TEST(PartitionForKey, SpreadsKeysEvenly) {
  constexpr int32_t kPartitions = 8;
  constexpr int kKeys = 8'000;
  std::array<int, kPartitions> count{};
  for (int i = 0; i < kKeys; ++i) {
    ++count.at(static_cast<size_t>(PartitionForKey("user-" + std::to_string(i), kPartitions)));
  }
  for (const int keys : count) EXPECT_NEAR(keys, kKeys / kPartitions, 150);
}

TEST(Hash64, IsXxh3WhichIsStoredAndMustNeverChange) {
  EXPECT_EQ(Hash64(""), 0x2d06800538d394c2U);
  EXPECT_EQ(Hash64("abc"), 0x78af5f94892f3950U);
}

TEST(Hash64, IsNeverNoneAndTellsIdsApart) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t hash = Hash64("event-" + std::to_string(i));
    ASSERT_NE(hash, 0U);
    ASSERT_TRUE(seen.insert(hash).second) << i;
  }
}

}  // namespace
}  // namespace catwalk
