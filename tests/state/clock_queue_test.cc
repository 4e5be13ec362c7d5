#include "state/clock_queue.h"

#include <array>

#include <gtest/gtest.h>

namespace catwalk::state {
namespace {

struct Item : ClockQueue<Item>::Hook {};

class ClockQueueTest : public testing::Test {
 protected:
  ClockQueueTest() {
    for (Item& item : items_) queue_.PushBack(item);
  }
  /// The place in `items_` of the next one given up.
  long GiveUp() {
    Item& item = queue_.Advance();
    queue_.Remove(item);
    return &item - items_.data();
  }

  ClockQueue<Item> queue_;
  std::array<Item, 3> items_;
};

TEST_F(ClockQueueTest, GivesUpTheOldestFirst) {
  EXPECT_EQ(GiveUp(), 0);
  EXPECT_EQ(GiveUp(), 1);
  EXPECT_EQ(GiveUp(), 2);
}

TEST_F(ClockQueueTest, PassesOverWhatWasUsedOnce) {
  items_[0].used = true;
  EXPECT_EQ(GiveUp(), 1);
  EXPECT_EQ(GiveUp(), 2);
  EXPECT_EQ(GiveUp(), 0);
}

TEST_F(ClockQueueTest, GivesUpTheOldestWhenAllWereUsed) {
  for (Item& item : items_) item.used = true;
  EXPECT_EQ(GiveUp(), 0);
}

TEST_F(ClockQueueTest, ForgetsWhatIsRemoved) {
  queue_.Remove(items_[0]);
  EXPECT_EQ(GiveUp(), 1);
}

}  // namespace
}  // namespace catwalk::state
