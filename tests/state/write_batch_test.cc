#include "state/write_batch.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace catwalk::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Writer final : public WriteBatch::Visitor {
 public:
  void Put(uint32_t store, std::string_view key, std::string_view value) override { Add("put", store, key, value); }
  void Delete(uint32_t store, std::string_view key) override { Add("delete", store, key, ""); }
  void DeleteRange(uint32_t store, std::string_view begin, std::string_view end) override {
    Add("range", store, begin, end);
  }
  std::vector<std::string> changes;

 private:
  void Add(const char* op, uint32_t store, std::string_view a, std::string_view b) {
    changes.push_back(std::string(op) + " " + std::to_string(store) + " " + std::string(a) + " " + std::string(b));
  }
};

std::vector<std::string> Changes(const WriteBatch& batch) {
  Writer writer;
  batch.Visit(writer);
  return writer.changes;
}

TEST(WriteBatch, GivesChangesBackInOrder) {
  WriteBatch batch;
  batch.Put(3, "key", "value");
  batch.Delete(0, "gone");
  batch.DeleteRange(1, "a", "b");
  batch.Put(3, "", "");
  EXPECT_THAT(Changes(batch), ElementsAre("put 3 key value", "delete 0 gone ", "range 1 a b", "put 3  "));
  EXPECT_EQ(batch.count(), 4U);
  EXPECT_EQ(batch.stores(), 4U);
}

TEST(WriteBatch, CopiesWhatItIsGiven) {
  WriteBatch batch;
  std::string key = "key";
  batch.Put(0, key, key);
  key = "xxx";
  EXPECT_THAT(Changes(batch), ElementsAre("put 0 key key"));
}

TEST(WriteBatch, LeavesEmptyRangesOut) {
  WriteBatch batch;
  batch.DeleteRange(0, "b", "a");
  batch.DeleteRange(0, "a", "");
  EXPECT_TRUE(batch.empty());
}

TEST(WriteBatch, IsEmptyAfterClear) {
  WriteBatch batch;
  batch.Put(7, "k", "v");
  EXPECT_GT(batch.bytes(), 2U);
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0U);
  EXPECT_EQ(batch.stores(), 0U);
  EXPECT_THAT(Changes(batch), IsEmpty());
}

}  // namespace
}  // namespace catwalk::state
