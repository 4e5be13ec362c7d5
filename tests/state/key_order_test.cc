#include "state/key_order.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace catwalk::state {
namespace {

struct Named {
  std::string key;
};

std::vector<std::string> Sorted(const std::vector<std::string>& keys) {
  std::vector<Named> entries;
  for (const std::string& key : keys) entries.push_back({key});
  std::vector<Named*> order;
  for (Named& entry : entries) order.push_back(&entry);
  SortByKey(&order);
  std::vector<std::string> sorted;
  for (const Named* entry : order) sorted.push_back(entry->key);
  return sorted;
}

TEST(KeyOrder, IsThatOfBytes) {
  const std::string nothing, zero(1, '\0'), zeros(9, '\0');
  const std::vector<std::string> ascending{nothing, zero, zeros, "a", "a" + zero, "ab", "b", "b longer than eight", "b longer than nine", "\x80", "\xff"};
  std::vector<std::string> keys = ascending;
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    std::shuffle(keys.begin(), keys.end(), random);
    EXPECT_EQ(Sorted(keys), ascending);
  }
}

TEST(KeyOrder, LooksBehindWhatAllHaveInCommon) {
  EXPECT_EQ(Sorted({"customer-12", "customer-1", "customer-02"}), (std::vector<std::string>{"customer-02", "customer-1", "customer-12"}));
  EXPECT_EQ(Sorted({"only"}), std::vector<std::string>{"only"});
  EXPECT_EQ(Sorted({}), std::vector<std::string>{});
}

TEST(KeyOrder, IsThatOfAnySort) {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> keys;
    const std::string common(random() % 12, 'c');
    for (size_t i = random() % 200; i > 0; --i) {
      std::string key = common;
      for (size_t c = random() % 12; c > 0; --c) key += static_cast<char>(random() % 3 * 100);
      keys.push_back(key);
    }
    std::vector<std::string> expected = keys;
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(Sorted(keys), expected);
  }
}

}  // namespace
}  // namespace catwalk::state
