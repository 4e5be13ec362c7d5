#include "operators/learn_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <functional>
#include <limits>

#include "operators/count_windows.h"
#include "operators/design_decode.h"
#include "operators/model_decode.h"
#include "operators/table_records.h"
#include "operators/update_factor.h"
#include "tests/operators/design_input.h"
#include "tests/operators/fake_context.h"
#include "tests/testing/matchers.h"

namespace catwalk::operators {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

schemas::ModelUpdate MakeLesson(models::Fit fit, float size) {
  schemas::ModelUpdate update;
  FillLesson({fit, {models::SizeScale::kNumbers, size}, {1, 0.5F, 0, 0.2F}, {0.1, 0}, {0.3F}, true}, update.mutable_fit());
  return update;
}

struct ModelTask {
  explicit ModelTask(std::shared_ptr<state::Database> database = state::MakeMemoryDatabase()) : context(std::move(database)) {
    EXPECT_TRUE(fit.Open(context).ok());
  }
  void Process(const schemas::ModelUpdate& update) {
    values.push_back(update.SerializeAsString());
    schemas::Record record;
    record.offset = next_offset++;
    record.value = values.back();
    ModelWork work;
    work.Reset(record);
    EXPECT_TRUE(decode.Process({&work, 1}, context).ok());
    EXPECT_TRUE(fit.Process({&work, 1}, context).ok());
  }
  std::vector<schemas::FitModel> Published() {
    EXPECT_TRUE(fit.OnTimer(false, context).ok());
    std::vector<schemas::FitModel> published;
    for (const auto& emitted : context.TakeEmitted()) {
      schemas::ModelRecord record;
      EXPECT_EQ(emitted.topic, schemas::Topic::kModel);
      EXPECT_EQ(emitted.record.key, kFitKey);
      EXPECT_TRUE(record.ParseFromString(emitted.record.value));
      published.push_back(record.fit());
    }
    return published;
  }

  FakeContext context;
  ModelDecode decode;
  LearnFit fit{ModelOptions{}};
  std::deque<std::string> values;
  int64_t next_offset = 0;
};

TEST(LearnFit, PublishesWhatItLearnsOnceForEachChange) {
  ModelTask task;
  EXPECT_TRUE(task.Published().empty());
  task.Process(MakeLesson(models::Fit::kLarge, 8));
  task.Process(MakeLesson(models::Fit::kLarge, 10));
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_GT(published[0].weights(models::kFitBias), 0) << "what was said to be large";
  EXPECT_EQ(published[0].means(0), 9);
  EXPECT_EQ(published[0].deviations(0), 1);
  EXPECT_EQ(published[0].lessons(), 2);
  EXPECT_EQ(published[0].source_offset(), 2);
  EXPECT_TRUE(task.Published().empty());
}

TEST(LearnFit, GoesOnEqualAfterARestart) {
  ModelTask straight, before;
  for (const float size : {6.0F, 12.0F}) {
    straight.Process(MakeLesson(models::Fit::kSmall, size));
    before.Process(MakeLesson(models::Fit::kSmall, size));
  }
  ASSERT_TRUE(before.context.Commit().ok());
  ModelTask after(before.context.shared_database());
  after.next_offset = 2;
  for (auto* task : {&straight, &after}) task->Process(MakeLesson(models::Fit::kTrue, 9));
  EXPECT_EQ(straight.Published().back().SerializeAsString(), after.Published().back().SerializeAsString());
}

TEST(LearnFit, RejectsOrIgnoresWhatCannotBeLearnedFrom) {
  ModelTask task;
  for (const auto& break_it : std::vector<std::function<void(schemas::FitLesson*)>>{
           [](auto* lesson) { lesson->set_fit(3); }, [](auto* lesson) { lesson->set_fit(-1); },
           [](auto* lesson) { lesson->set_scale(2); }, [](auto* lesson) { lesson->add_features(1); },
           [](auto* lesson) { lesson->add_measures(1); }}) {
    auto update = MakeLesson(models::Fit::kTrue, 8);
    break_it(update.mutable_fit());
    task.Process(update);
  }
  EXPECT_EQ(task.context.rejected().size(), 5U);
  EXPECT_EQ(task.context.rejected().front().rule, "bad_fit");
  auto update = MakeLesson(models::Fit::kTrue, kNan);
  task.Process(update);
  EXPECT_EQ(task.Published().back().lessons(), 0);
}

TEST(LearnFit, TablesTakeWhatIsPublishedAndRefuseWhatIsNotFinite) {
  ModelTask task;
  task.Process(MakeLesson(models::Fit::kLarge, 8));
  schemas::ModelRecord record;
  *record.mutable_fit() = task.Published().back();
  models::DesignTableBuilder tables({});
  ASSERT_THAT(ApplyModelRecord(record.SerializeAsString(), false, 5, &tables), tests::IsOk());
  const auto version = tables.Publish();
  EXPECT_EQ(version->fit_model().weights[0], record.fit().weights(0));
  EXPECT_EQ(version->model_offset(), 5);
  record.mutable_fit()->set_width(kNan);
  EXPECT_FALSE(ApplyModelRecord(record.SerializeAsString(), false, 6, &tables).ok());
  record.mutable_fit()->clear_weights();
  EXPECT_FALSE(ApplyModelRecord(record.SerializeAsString(), false, 7, &tables).ok());
  EXPECT_EQ(tables.Publish()->fit_model(), version->fit_model());
}

TEST(LearnFit, TablesOfferTheSizesOfTheCatalogueElseThoseSeenAndForgetWithTheFactor) {
  schemas::DesignTableRecord record;
  auto& factor = *record.mutable_factor();
  factor.set_design_id("d1");
  factor.mutable_factor()->Resize(32, 0.5F);
  factor.set_weight(1);
  factor.mutable_fit()->set_shift(-1);
  for (const char* size : {"8", "one size", "10"}) factor.mutable_fit()->add_sizes(size);
  models::DesignTableBuilder tables({});
  ASSERT_THAT(ApplyFactorRecord("d1", record.SerializeAsString(), false, 1, &tables), tests::IsOk());
  auto version = tables.Publish();
  EXPECT_EQ(version->FitOf(0)->shift, -1);
  EXPECT_EQ(version->SizesOf(0).size(), 2U);

  models::CatalogueEntry entry;
  entry.sizes = {{"M", {models::SizeScale::kLetters, 4}}};
  ASSERT_THAT(tables.ApplyCatalogue("d1", entry, 1), tests::IsOk());
  version = tables.Publish();
  ASSERT_EQ(version->SizesOf(0).size(), 1U);
  EXPECT_EQ(version->SizesOf(0)[0].text, "M");

  ASSERT_THAT(ApplyFactorRecord("d1", {}, true, 2, &tables), tests::IsOk());
  version = tables.Publish();
  EXPECT_EQ(version->FitOf(0), nullptr);
  EXPECT_EQ(version->SizesOf(0).size(), 1U);
}

TEST(LearnedFitSerde, GivesBackWhatItWroteAndCallsEveryCutShortDamaged) {
  LearnedFit fit;
  fit.next_offset = 7;
  models::Learn({}, {models::Fit::kLarge, {models::SizeScale::kLetters, 4}, {1, 2, 3, 4}, {}, {1}, true}, &fit.state);
  std::string bytes;
  LearnedFitSerde().Encode(fit, &bytes);
  LearnedFit read;
  ASSERT_THAT(LearnedFitSerde().Decode(bytes, &read), tests::IsOk());
  EXPECT_EQ(read, fit);
  for (size_t size = 1; size < bytes.size(); ++size)
    EXPECT_EQ(LearnedFitSerde().Decode(std::string_view(bytes).substr(0, size), &read).code(), Code::kCorruption) << size;
  bytes[0] = 9;
  EXPECT_EQ(LearnedFitSerde().Decode(bytes, &read).code(), Code::kIncompatible);
}

/// A design's task, as far as it has to do with fit.
struct DesignTask {
  explicit DesignTask(std::shared_ptr<state::Database> database = state::MakeMemoryDatabase())
      : context(std::move(database)), factor(DesignOptions{}) {
    EXPECT_TRUE(factor.Open(context).ok());
  }
  void Process(const schemas::DesignUpdate& update) {
    input.Add(update);
    auto items = input.Items(input.size() - 1);
    EXPECT_TRUE(decode.Process(items, context).ok());
    EXPECT_TRUE(factor.Process(items, context).ok());
    EXPECT_TRUE(windows.Process(items, context).ok());
  }
  /// The last record to the topic.
  template <class Message>
  Message Last(schemas::Topic topic) {
    EXPECT_TRUE(factor.OnTimer(true, context).ok());
    EXPECT_TRUE(windows.OnTimer(true, context).ok());
    Message message;
    for (const auto& emitted : context.TakeEmitted()) {
      if (emitted.topic == topic) message.ParseFromString(emitted.record.value);
    }
    return message;
  }

  FakeContext context;
  DesignDecode decode;
  UpdateFactor factor;
  CountWindows windows;
  DesignInput input;
};

schemas::DesignUpdate MakeOutcome(models::Fit fit) {
  auto update = MakeUpdate("d1", kNow, 0);
  update.mutable_fit()->set_fit(static_cast<int>(fit));
  update.mutable_fit()->set_width(0.7F);
  return update;
}

TEST(FitOfADesign, IsLearnedAndPublishedWithItsSizes) {
  DesignTask task;
  auto purchase = MakeUpdate("d1", kNow, 4);
  for (const char* size : {"8", "8", "one size", "10"}) {
    purchase.set_size(size);
    task.Process(purchase);
  }
  for (int i = 0; i < 3; ++i) task.Process(MakeOutcome(models::Fit::kSmall));
  const auto factor = task.Last<schemas::DesignTableRecord>(schemas::Topic::kDesignFactors).factor();
  models::FitPart expected;
  for (int i = 0; i < 3; ++i) {
    models::FitScore score{0, static_cast<double>(0.7F)};
    score += expected.score();
    models::Learn(models::kDesignFitPrior, score, models::Fit::kSmall, &expected);
  }
  EXPECT_EQ(factor.fit().shift(), expected.shift);
  EXPECT_EQ(factor.fit().width(), expected.width);
  EXPECT_LT(factor.fit().shift(), 0);
  EXPECT_EQ(factor.fit().outcomes(), 3);
  ASSERT_EQ(factor.fit().sizes_size(), 2);
  EXPECT_EQ(factor.fit().sizes(1), "10");
  EXPECT_EQ(factor.weight(), 16) << "what is said of a fit is no interest in the design";
  EXPECT_EQ(factor.source_offset(), 7);
}

TEST(FitOfADesign, IsNoEventOfItsHour) {
  DesignTask task;
  task.Process(MakeUpdate("d1", kNow, 4));
  task.Process(MakeOutcome(models::Fit::kTrue));
  const auto window = task.Last<schemas::ModelUpdate>(schemas::Topic::kModelUpdates).window();
  ASSERT_EQ(window.entries_size(), 1);
  EXPECT_EQ(window.entries(0).events(), 1);
}

TEST(FitOfADesign, GoesOnEqualAfterARestart) {
  DesignTask straight, before;
  for (auto* task : {&straight, &before}) task->Process(MakeOutcome(models::Fit::kLarge));
  ASSERT_TRUE(before.context.Commit().ok());
  DesignTask after(before.context.shared_database());
  after.input.Add(MakeOutcome(models::Fit::kLarge));
  for (auto* task : {&straight, &after}) task->Process(MakeOutcome(models::Fit::kTrue));
  EXPECT_EQ(straight.Last<schemas::DesignTableRecord>(schemas::Topic::kDesignFactors).SerializeAsString(),
            after.Last<schemas::DesignTableRecord>(schemas::Topic::kDesignFactors).SerializeAsString());
}

TEST(FitOfADesign, RejectsWhatIsNotFiniteOrUnknown) {
  DesignTask task;
  auto update = MakeOutcome(models::Fit::kTrue);
  update.mutable_fit()->set_shift(kNan);
  task.Process(update);
  update = MakeOutcome(models::Fit::kTrue);
  update.mutable_fit()->set_fit(7);
  task.Process(update);
  EXPECT_EQ(task.context.rejected().size(), 2U);
  EXPECT_EQ(task.context.rejected().back().rule, "bad_fit");
}

TEST(FitOfADesign, StaysWithinBoundsWhateverIsSaidOfIt) {
  DesignTask task;
  auto update = MakeOutcome(models::Fit::kLarge);
  update.mutable_fit()->set_shift(-3e38F);
  update.mutable_fit()->set_width(3e38F);
  auto purchase = MakeUpdate("d1", kNow, 4);
  for (int i = 0; i < 2'000; ++i) {
    task.Process(update);
    purchase.set_size(std::to_string(i));
    task.Process(purchase);
  }
  const auto record = task.Last<schemas::DesignTableRecord>(schemas::Topic::kDesignFactors);
  EXPECT_EQ(record.factor().fit().sizes_size(), static_cast<int>(models::kMaxSizesSeen));
  models::DesignTableBuilder tables({});
  EXPECT_THAT(ApplyFactorRecord("d1", record.SerializeAsString(), false, 1, &tables), tests::IsOk());
  const auto version = tables.Publish();
  EXPECT_NE(version->FitOf(0), nullptr);
  EXPECT_EQ(version->SizesOf(0).size(), models::kMaxSizesSeen);
}

}  // namespace
}  // namespace catwalk::operators
