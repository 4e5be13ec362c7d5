#include "operators/learn_segments.h"

#include <gtest/gtest.h>

#include <deque>
#include <limits>

#include "operators/model_decode.h"
#include "operators/table_records.h"
#include "tests/operators/fake_context.h"
#include "tests/testing/matchers.h"

namespace catwalk::operators {
namespace {

schemas::ModelUpdate ComparisonBy(const std::vector<float>& vector) {
  schemas::ModelUpdate update;
  auto& comparison = *update.mutable_comparison();
  comparison.mutable_chosen()->Resize(models::kFeatures, 0);
  comparison.mutable_others()->Resize(models::kFeatures, 1);
  comparison.set_drawn_from(9);
  comparison.mutable_user_vector()->Add(vector.begin(), vector.end());
  return update;
}

struct Task {
  explicit Task(std::shared_ptr<state::Database> database = state::MakeMemoryDatabase()) : context(std::move(database)) {
    EXPECT_TRUE(segments.Open(context).ok());
  }
  void Process(const schemas::ModelUpdate& update) {
    values.push_back(update.SerializeAsString());
    schemas::Record record;
    record.offset = next_offset++;
    record.value = values.back();
    ModelWork work;
    work.Reset(record);
    EXPECT_TRUE(decode.Process({&work, 1}, context).ok());
    EXPECT_TRUE(segments.Process({&work, 1}, context).ok());
  }
  std::vector<std::string> Published() {
    EXPECT_TRUE(segments.OnTimer(false, context).ok());
    std::vector<std::string> published;
    for (const auto& emitted : context.TakeEmitted()) {
      EXPECT_EQ(emitted.topic, schemas::Topic::kModel);
      EXPECT_EQ(emitted.record.key, kSegmentsKey);
      published.push_back(emitted.record.value);
    }
    return published;
  }

  FakeContext context;
  ModelDecode decode;
  LearnSegments segments{ModelOptions{}};
  std::deque<std::string> values;
  int64_t next_offset = 0;
};

TEST(LearnSegments, PublishesWhatTheTablesTakeInOnceForEachChange) {
  Task task;
  EXPECT_TRUE(task.Published().empty());
  task.Process(ComparisonBy({}));
  EXPECT_TRUE(task.Published().empty()) << "nobody to learn from";
  task.Process(ComparisonBy({1, 0, 0, 0, 0, 0, 0, 0}));
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_TRUE(task.Published().empty());
  models::DesignTableBuilder tables({.k = 8});
  EXPECT_THAT(ApplyModelRecord(published[0], false, 1, &tables), tests::IsOk());
  EXPECT_TRUE(IsUsable(tables.Publish()->segments(), 8));
  schemas::ModelRecord record;
  ASSERT_TRUE(record.ParseFromString(published[0]));
  EXPECT_EQ(record.segments().lessons(), 1);
  EXPECT_EQ(record.segments().source_offset(), 2);
}

TEST(LearnSegments, GoesOnEqualAfterARestartAndAfterAnAbort) {
  Task straight, before;
  for (Task* task : {&straight, &before}) task->Process(ComparisonBy({1, 2, 3, 4, 5, 6, 7, 8}));
  ASSERT_TRUE(before.context.Commit().ok());
  before.Process(ComparisonBy({9, 9, 9, 9, 9, 9, 9, 9}));
  before.context.Abort();
  before.segments.OnAbort();
  Task after(before.context.shared_database());
  after.next_offset = 1;
  straight.Process(ComparisonBy({8, 1, 8, 1, 8, 1, 8, 1}));
  after.Process(ComparisonBy({8, 1, 8, 1, 8, 1, 8, 1}));
  EXPECT_EQ(after.Published(), straight.Published());
}

TEST(LearnSegments, TablesKeepTheLastGoodOnes) {
  Task task;
  task.Process(ComparisonBy({1, 2, 3, 4, 5, 6, 7, 8}));
  schemas::ModelRecord record;
  ASSERT_TRUE(record.ParseFromString(task.Published().at(0)));
  models::DesignTableBuilder tables({.k = 8});
  ASSERT_TRUE(ApplyModelRecord(record.SerializeAsString(), false, 1, &tables).ok());
  const models::Segments good = tables.Publish()->segments();
  record.mutable_segments()->set_centres(0, std::numeric_limits<float>::quiet_NaN());
  EXPECT_FALSE(ApplyModelRecord(record.SerializeAsString(), false, 2, &tables).ok());
  record.mutable_segments()->mutable_centres()->RemoveLast();
  EXPECT_FALSE(ApplyModelRecord(record.SerializeAsString(), false, 3, &tables).ok());
  record.mutable_segments()->add_shares(0);
  EXPECT_FALSE(ApplyModelRecord(record.SerializeAsString(), false, 4, &tables).ok());
  EXPECT_EQ(tables.Publish()->segments(), good);
}

}  // namespace
}  // namespace catwalk::operators
