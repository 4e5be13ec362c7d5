#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "operators/byte_coding.h"
#include "operators/learn_blend.h"
#include "operators/model_decode.h"
#include "operators/table_records.h"
#include "tests/operators/fake_context.h"
#include "tests/testing/matchers.h"

namespace catwalk::operators {
namespace {

schemas::ModelUpdate MakeComparison(float chosen, float other) {
  schemas::ModelUpdate update;
  auto& comparison = *update.mutable_comparison();
  comparison.mutable_chosen()->Resize(models::kFeatures, 0);
  comparison.mutable_others()->Resize(2 * models::kFeatures, 0);
  comparison.set_chosen(0, chosen);
  comparison.set_others(0, other);
  comparison.set_drawn_from(99);
  comparison.set_experience(1);
  return update;
}

struct Task {
  explicit Task(std::shared_ptr<state::Database> database = state::MakeMemoryDatabase()) : context(std::move(database)) {
    EXPECT_TRUE(blend.Open(context).ok());
  }
  void Process(const schemas::ModelUpdate& update) {
    values.push_back(update.SerializeAsString());
    records.push_back({});
    records.back().offset = next_offset++;
    records.back().value = values.back();
    ModelWork work;
    work.Reset(records.back());
    EXPECT_TRUE(decode.Process({&work, 1}, context).ok());
    EXPECT_TRUE(blend.Process({&work, 1}, context).ok());
  }
  std::vector<schemas::Blend> Published() {
    EXPECT_TRUE(blend.OnTimer(false, context).ok());
    std::vector<schemas::Blend> published;
    for (const auto& emitted : context.TakeEmitted()) {
      schemas::ModelRecord record;
      EXPECT_EQ(emitted.topic, schemas::Topic::kModel);
      EXPECT_EQ(emitted.record.key, "blend");
      EXPECT_TRUE(record.ParseFromString(emitted.record.value));
      published.push_back(record.blend());
    }
    return published;
  }

  FakeContext context;
  ModelDecode decode;
  LearnBlend blend{ModelOptions{}};
  std::deque<std::string> values;
  std::deque<schemas::Record> records;
  int64_t next_offset = 0;
};

TEST(LearnBlend, PublishesWhatItLearnsOnceForEachChange) {
  Task task;
  EXPECT_TRUE(task.Published().empty());
  task.Process(MakeComparison(1, 0));
  task.Process(MakeComparison(1, 0));
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_GT(published[0].shared(0), models::PriorBlend().shared[0]) << "what the chosen had more of";
  EXPECT_EQ(published[0].comparisons(), 2);
  EXPECT_EQ(published[0].source_offset(), 2);
  EXPECT_TRUE(task.Published().empty());
}

TEST(LearnBlend, GoesOnEqualAfterARestart) {
  Task straight, before;
  for (const float x : {1.0F, 2.0F}) straight.Process(MakeComparison(x, 0.5F)), before.Process(MakeComparison(x, 0.5F));
  ASSERT_TRUE(before.context.Commit().ok());
  Task after(before.context.shared_database());
  after.next_offset = 2;
  straight.Process(MakeComparison(3, 1));
  after.Process(MakeComparison(3, 1));
  EXPECT_EQ(after.Published().at(0).SerializeAsString(), straight.Published().at(0).SerializeAsString());
}

TEST(LearnBlend, PublishesAgainAfterAnAbort) {
  Task task;
  task.Process(MakeComparison(1, 0));
  ASSERT_TRUE(task.context.Commit().ok());
  EXPECT_EQ(task.Published().size(), 1U);
  task.context.Abort();
  task.blend.OnAbort();
  EXPECT_EQ(task.Published().size(), 1U);
}

TEST(LearnBlend, RejectsAComparisonOfAnotherVersion) {
  Task task;
  auto update = MakeComparison(1, 0);
  update.mutable_comparison()->add_chosen(1);
  task.Process(update);
  ASSERT_EQ(task.context.rejected().size(), 1U);
  EXPECT_EQ(task.context.rejected()[0].rule, "bad_comparison");
  EXPECT_TRUE(task.Published().empty());
}

TEST(LearnBlend, PublishesWhatTheTablesTakeIn) {
  Task task;
  task.Process(MakeComparison(1, 0));
  ASSERT_TRUE(task.blend.OnTimer(false, task.context).ok());
  const auto emitted = task.context.TakeEmitted();
  models::DesignTableBuilder tables({.k = 8});
  EXPECT_THAT(ApplyModelRecord(emitted.at(0).record.value, false, 1, &tables), tests::IsOk());
  EXPECT_NE(tables.Publish()->blend(), models::PriorBlend());
  EXPECT_EQ(tables.Publish()->model_offset(), 1);
  models::BlendState learned;
  models::Comparison comparison;
  comparison.chosen[0] = 1;
  comparison.others.resize(2);
  comparison.drawn_from = 99;
  comparison.cohort.experience = 1;
  models::Learn({}, comparison, &learned);
  EXPECT_EQ(tables.Publish()->ranker(), learned.ranker.weights);
}

TEST(ModelRecords, ThatDoNotFitMoveTheOffsetOnly) {
  models::DesignTableBuilder tables({.k = 8});
  schemas::ModelRecord record;
  record.mutable_blend()->mutable_shared()->Resize(models::kFeatures + 1, 1);
  record.mutable_blend()->mutable_offsets()->Resize((models::kFeatures + 1) * models::kExperiences, 1);
  EXPECT_EQ(ApplyModelRecord(record.SerializeAsString(), false, 1, &tables).code(), Code::kInvalidArgument);
  record.Clear();
  record.mutable_blend()->mutable_shared()->Resize(models::kFeatures, std::nanf(""));
  record.mutable_blend()->mutable_offsets()->Resize(models::kFeatures * models::kExperiences, 0);
  EXPECT_EQ(ApplyModelRecord(record.SerializeAsString(), false, 2, &tables).code(), Code::kInvalidArgument);
  EXPECT_EQ(ApplyModelRecord("\xff", false, 3, &tables).code(), Code::kInvalidArgument);
  EXPECT_THAT(ApplyModelRecord({}, true, 4, &tables), tests::IsOk());
  EXPECT_EQ(tables.Publish()->blend(), models::PriorBlend());
  EXPECT_EQ(tables.Publish()->model_offset(), 4);
}

TEST(LearnedBlendSerde, TakesBackWhatItGaveAndNothingElse) {
  LearnedBlend blend;
  blend.state.comparisons = 5;
  blend.state.squares.offsets[2][3] = 0.5F;
  blend.state.ranker.weights.bias[2][15] = 0.25F;
  blend.state.ranker.squares.output[1] = 4;
  blend.state.ranker.gain_variance = 0.1;
  blend.state.ranker.in_use = true;
  blend.next_offset = 17;
  std::string bytes;
  const LearnedBlendSerde serde;
  serde.Encode(blend, &bytes);
  LearnedBlend decoded;
  ASSERT_TRUE(serde.Decode(bytes, &decoded).ok());
  EXPECT_EQ(decoded, blend);
  EXPECT_EQ(serde.Decode(bytes.substr(0, bytes.size() - 1), &decoded).code(), Code::kCorruption);
  bytes[1] = 99;
  EXPECT_EQ(serde.Decode(bytes, &decoded).code(), Code::kIncompatible) << "features of a later program";
}

/// As a program would have written it that knew all features but the last.
std::string OlderBlend() {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Fixed(uint8_t{1});
  writer.Varint(models::kFeatures - 1);
  writer.Zigzag(17);
  writer.Zigzag(5);
  const std::vector<float> weights((models::kFeatures - 1) * (1 + models::kExperiences), 0.25F);
  for (int i = 0; i < 2; ++i) writer.Array(weights.data(), weights.size());
  return bytes;
}

TEST(LearnedBlendSerde, StartsFeaturesThatAnEarlierProgramDidNotKnow) {
  LearnedBlend blend;
  blend.state.weights.shared.fill(9);
  ASSERT_THAT(LearnedBlendSerde().Decode(OlderBlend(), &blend), tests::IsOk());
  EXPECT_EQ(blend.next_offset, 17);
  EXPECT_EQ(blend.state.weights.shared[models::kFeatures - 2], 0.25F);
  EXPECT_EQ(blend.state.weights.offsets[2][models::kFeatures - 2], 0.25F);
  EXPECT_EQ(blend.state.weights.shared.back(), models::PriorBlend().shared.back());
  EXPECT_EQ(blend.state.squares.offsets[1].back(), 0.0F);
  EXPECT_EQ(blend.state.ranker, models::RankerState());
}

TEST(LearnBlend, TakesComparisonsOfAnEarlierProgram) {
  schemas::Comparison comparison;
  comparison.mutable_chosen()->Resize(models::kFeatures - 1, 1.0F);
  comparison.mutable_others()->Resize(2 * (models::kFeatures - 1), 0.0F);
  comparison.set_drawn_from(2);
  schemas::ModelUpdate update;
  *update.mutable_comparison() = comparison;
  Task task;
  task.Process(update);
  EXPECT_TRUE(task.context.rejected().empty());
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_GT(published[0].shared(models::kFeatures - 2), models::PriorBlend().shared[models::kFeatures - 2]);
  EXPECT_EQ(published[0].shared(models::kFeatures - 1), models::PriorBlend().shared[models::kFeatures - 1]);
}

}  // namespace
}  // namespace catwalk::operators
