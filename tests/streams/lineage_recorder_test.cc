#include "streams/lineage_recorder.h"

#include <gtest/gtest.h>

namespace catwalk::streams {
namespace {

std::shared_ptr<const models::DesignTable> TablesAt(int64_t factors_offset) {
  models::DesignTableBuilder builder({.k = 2});
  builder.SkipFactors(factors_offset);
  return builder.Publish();
}

TEST(LineageRecorder, MakesOneRunOfRecordsThatFollowEachOtherInASource) {
  const schemas::TopicNames names;
  LineageRecorder recorder(names, "users", 3, {"clicks", "purchases"});
  EXPECT_TRUE(recorder.empty());
  recorder.See(*TablesAt(7));
  recorder.Take(1, 5, 6);
  recorder.Take(1, 6, 9);  // offsets 6 and 7 hold no records
  recorder.Take(0, 100, 101);
  recorder.Take(1, 9, 10);

  const auto& lineage = recorder.lineage();
  EXPECT_EQ(lineage.sub_topology(), "users");
  EXPECT_EQ(lineage.partition(), 3);
  ASSERT_EQ(lineage.sources_size(), 2);
  EXPECT_EQ(lineage.sources(0).topic(), "purchases");
  EXPECT_EQ(lineage.sources(0).from(), 5);
  EXPECT_EQ(lineage.sources(1).topic(), "clicks");
  EXPECT_EQ(lineage.sources(1).from(), 100);
  ASSERT_EQ(lineage.batches_size(), 1);
  const auto& batch = lineage.batches(0);
  EXPECT_EQ(std::vector<uint32_t>(batch.run_source().begin(), batch.run_source().end()), (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_EQ(std::vector<uint64_t>(batch.run_length().begin(), batch.run_length().end()), (std::vector<uint64_t>{4, 1, 1}));
  EXPECT_EQ(batch.tables(0).offset(), 7);
}

TEST(LineageRecorder, BeginsABatchWithEachVersionOfTheTablesThatARecordSaw) {
  const schemas::TopicNames names;
  LineageRecorder recorder(names, "users", 0, {"clicks"});
  recorder.See(*TablesAt(1));
  recorder.See(*TablesAt(2));  // no record saw version 1
  recorder.Take(0, 0, 1);
  recorder.See(*TablesAt(2));
  recorder.Take(0, 1, 2);
  recorder.See(*TablesAt(3));
  recorder.Take(0, 2, 3);
  ASSERT_EQ(recorder.lineage().batches_size(), 2);
  EXPECT_EQ(recorder.lineage().batches(0).tables(0).offset(), 2);
  EXPECT_EQ(recorder.lineage().batches(0).run_length(0), 2U);
  EXPECT_EQ(recorder.lineage().batches(1).tables(0).offset(), 3);
}

TEST(LineageRecorder, StartsAnewAfterClear) {
  const schemas::TopicNames names;
  LineageRecorder recorder(names, "users", 0, {"clicks"});
  recorder.See(*TablesAt(4));
  recorder.Take(0, 0, 5);
  recorder.Clear();
  EXPECT_TRUE(recorder.empty());
  recorder.Take(0, 5, 6);
  ASSERT_EQ(recorder.lineage().batches_size(), 1);
  EXPECT_EQ(recorder.lineage().sources(0).from(), 5);
  EXPECT_EQ(recorder.lineage().batches(0).tables(0).offset(), 4);
}

}  // namespace
}  // namespace catwalk::streams
