#include "state/key_index.h"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace catwalk::state {
namespace {

struct Numbered {
  std::string key;
  int number = 0;
};

TEST(KeyIndex, FindsNothingInAnEmptyOne) {
  const KeyIndex<Numbered> index;
  index.Prefetch("ann");
  EXPECT_EQ(index.Find("ann"), nullptr);
  EXPECT_EQ(index.size(), 0U);
}

TEST(KeyIndex, KeepsTheAddressOfAnEntryWhileItGrows) {
  KeyIndex<Numbered> index;
  const Numbered* const first = &index.Insert(std::make_unique<Numbered>(Numbered{"first", 1}));
  for (int i = 0; i < 1'000; ++i) index.Insert(std::make_unique<Numbered>(Numbered{std::to_string(i), i}));
  EXPECT_EQ(index.Find("first"), first);
  EXPECT_EQ(first->number, 1);
}

TEST(KeyIndex, HoldsWhatAMapHoldsWhateverIsInsertedAndErased) {
  KeyIndex<Numbered> index;
  std::map<std::string, int> expected;
  std::mt19937 random(7);
  for (int i = 0; i < 50'000; ++i) {
    const std::string key = std::to_string(random() % 300);
    index.Prefetch(key);
    Numbered* const found = index.Find(key);
    ASSERT_EQ(found != nullptr, expected.contains(key));
    if (found == nullptr) {
      index.Insert(std::make_unique<Numbered>(Numbered{key, i}));
      expected[key] = i;
    } else {
      ASSERT_EQ(found->number, expected[key]);
      index.Erase(*found);
      expected.erase(key);
    }
    ASSERT_EQ(index.size(), expected.size());
  }
}

}  // namespace
}  // namespace catwalk::state
