#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "operators/design_decode.h"
#include "operators/update_factor.h"
#include "tests/operators/design_input.h"
#include "tests/operators/fake_context.h"

namespace catwalk::operators {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kDay = 86'400'000;

schemas::DesignUpdate WithVector(const std::string& design_id, int64_t at_ms, float weight, int seed) {
  auto update = MakeUpdate(design_id, at_ms, weight);
  for (int i = 0; i < 32; ++i) update.add_user_vector(std::sin(static_cast<float>(seed * 100 + i)));
  return update;
}

/// The operator with what it needs, over a database of its own or of one before it.
struct Task {
  explicit Task(std::shared_ptr<state::Database> database = state::MakeMemoryDatabase(), DesignOptions options = {})
      : context(std::move(database)), factor(options) {
    EXPECT_TRUE(factor.Open(context).ok());
  }
  void Process(const DesignInput& input, size_t from = 0) {
    auto items = input.Items(from);
    EXPECT_TRUE(decode.Process(items, context).ok());
    EXPECT_TRUE(factor.Process(items, context).ok());
  }
  void Timer(bool idle) { EXPECT_TRUE(factor.OnTimer(idle, context).ok()); }
  void Commit() { EXPECT_TRUE(context.Commit().ok()); }
  void Abort() {
    context.Abort();
    factor.OnAbort();
  }
  std::vector<schemas::DesignFactor> Published() {
    std::vector<schemas::DesignFactor> published;
    for (const auto& emitted : context.TakeEmitted()) {
      schemas::DesignTableRecord record;
      EXPECT_EQ(emitted.topic, schemas::Topic::kDesignFactors);
      EXPECT_EQ(emitted.record.partition, 0);
      EXPECT_TRUE(record.ParseFromString(emitted.record.value));
      EXPECT_EQ(emitted.record.key, record.factor().design_id());
      published.push_back(record.factor());
    }
    return published;
  }

  FakeContext context;
  DesignDecode decode;
  UpdateFactor factor;
};

TEST(UpdateFactor, PublishesWhatTheStatisticsGive) {
  Task task;
  task.context.set_partition(3, 4);
  DesignInput input;
  input.Add(WithVector("d1", kNow, 4, 1));
  input.Add(WithVector("d1", kNow + kDay, 1, 2));
  task.Process(input);
  task.Timer(false);

  models::DesignStatistics statistics;
  for (const auto& update : {WithVector("d1", kNow, 4, 1), WithVector("d1", kNow + kDay, 1, 2)})
    models::Update({}, update.occurred_at_ms(), update.weight(), {update.user_vector().data(), 32}, &statistics);
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_THAT(published[0].factor(), testing::ElementsAreArray(models::SolveFactor({}, statistics, models::KeyOf("d1"))));
  EXPECT_EQ(published[0].popularity(), statistics.popularity);
  EXPECT_EQ(published[0].popularity_at_ms(), kNow + kDay);
  EXPECT_EQ(published[0].weight(), 5.0);
  EXPECT_EQ(published[0].source_partition(), 3);
  EXPECT_EQ(published[0].source_offset(), 2);
}

TEST(UpdateFactor, TellsHowFarAFactorMovesFromWhatTheTablesHold) {
  Task task;
  models::DesignTableBuilder builder({.k = 32});
  const std::vector<float> before(32, 0.5F);
  ASSERT_TRUE(builder.ApplyFactor("d1", {before, 1, kNow, 1}, 0).ok());
  task.context.set_tables(builder.Publish());
  DesignInput input;
  input.Add(WithVector("d1", kNow, 4, 1));
  input.Add(WithVector("new", kNow, 4, 2));
  task.Process(input);
  task.Timer(true);
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 2U);
  double moved = 0;
  for (const float x : published[0].factor()) moved += std::pow(static_cast<double>(x) - 0.5, 2);
  ASSERT_EQ(task.context.drifts().size(), 1U) << "a new design has moved from nowhere";
  EXPECT_NEAR(task.context.drifts()[0], std::sqrt(moved / (32 * 0.25)), 1e-6);
  EXPECT_EQ(task.context.resets(), 0);
}

TEST(UpdateFactor, TakesAnOlderEventAtItsDecayedWeight) {
  Task task;
  DesignInput input;
  input.Add(MakeUpdate("d1", kNow, 4));
  input.Add(MakeUpdate("d1", kNow - 14 * kDay, 4));  // a half-life of popularity before
  task.Process(input);
  task.Timer(true);
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_NEAR(published[0].popularity(), 6.0, 1e-5);
  EXPECT_EQ(published[0].popularity_at_ms(), kNow);
}

TEST(UpdateFactor, CountsTheSameUpdateTwiceBecauseDeduplicationIsUpstream) {
  Task task;
  DesignInput input;
  input.Add(MakeUpdate("d1", kNow, 4));
  input.Add(MakeUpdate("d1", kNow, 4));
  task.Process(input);
  task.Timer(true);
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_EQ(published[0].popularity(), 8.0F);
}

TEST(UpdateFactor, WaitsForTwoPercentMoreWeight) {
  Task task;
  DesignInput input;
  for (int i = 0; i < 100; ++i) input.Add(MakeUpdate("d1", kNow, 1));
  task.Process(input);
  task.Timer(false);
  task.Commit();
  EXPECT_EQ(task.Published().size(), 1U);
  input.Add(MakeUpdate("d1", kNow, 1));
  task.Process(input, 100);
  task.Timer(false);
  task.Commit();
  EXPECT_TRUE(task.Published().empty());  // 1 %
  input.Add(MakeUpdate("d1", kNow, 1));
  task.Process(input, 101);
  task.Timer(false);
  EXPECT_EQ(task.Published().size(), 1U);  // 2 %
}

TEST(UpdateFactor, WaitsAThousandRecordsAtMost) {
  Task task;
  DesignInput input;
  for (int i = 0; i < 100; ++i) input.Add(MakeUpdate("d1", kNow, 1));
  task.Process(input);
  task.Timer(false);
  task.Published();
  input.Add(MakeUpdate("d1", kNow, 1));
  for (int i = 0; i < 999; ++i) input.Add(MakeUpdate("d2", kNow, 1));
  task.Process(input, 100);
  task.Timer(false);
  EXPECT_EQ(task.Published().size(), 1U);  // d2
  input.Add(MakeUpdate("d3", kNow, 1));
  task.Process(input, 1100);
  task.Timer(false);
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 2U);
  EXPECT_EQ(published[0].design_id(), "d1");
}

TEST(UpdateFactor, PublishesAllThatWaitsWhenTheInputIdles) {
  Task task;
  DesignInput input;
  for (int i = 0; i < 100; ++i) input.Add(MakeUpdate("d1", kNow, 1));
  task.Process(input);
  task.Timer(false);
  task.Commit();
  task.Published();
  input.Add(MakeUpdate("d1", kNow, 1));
  task.Process(input, 100);
  task.Timer(true);
  EXPECT_EQ(task.Published().size(), 1U);
}

TEST(UpdateFactor, GoesOnEqualAfterARestart) {
  DesignInput input;
  for (int i = 0; i < 20; ++i) input.Add(WithVector("d" + std::to_string(i % 3), kNow + i * kDay, 1, i));
  Task straight;
  straight.Process(input);
  straight.Timer(true);
  const auto expected = straight.Published();

  DesignInput first;
  for (int i = 0; i < 11; ++i) first.Add(WithVector("d" + std::to_string(i % 3), kNow + i * kDay, 1, i));
  Task before;
  before.Process(first);
  before.Commit();  // nothing was published before the end
  Task after(before.context.shared_database());
  after.Process(input, 11);
  after.Timer(true);
  const auto published = after.Published();
  ASSERT_EQ(published.size(), 3U);
  for (const auto& factor : published) {
    const auto same = [&](const auto& other) { return other.SerializeAsString() == factor.SerializeAsString(); };
    EXPECT_EQ(std::count_if(expected.begin(), expected.end(), same), 1) << factor.design_id();
  }
}

TEST(UpdateFactor, FindsAfterARestartWhatWasNeverPublished) {
  DesignInput input;
  input.Add(MakeUpdate("d1", kNow, 1));
  input.Add(MakeUpdate("d2", kNow, 1));
  Task before;
  before.Process(input);
  before.Commit();

  Task after(before.context.shared_database());
  models::DesignTableBuilder tables({});
  ASSERT_TRUE(tables.ApplyFactor("d1", {std::vector<float>(32, 0.1F), 1, kNow, 1.0}, 1).ok());
  after.context.set_tables(tables.Publish());
  after.Timer(false);
  EXPECT_TRUE(after.Published().empty());
  after.Timer(true);
  const auto published = after.Published();
  ASSERT_EQ(published.size(), 1U);
  EXPECT_EQ(published[0].design_id(), "d2");
  after.Timer(true);
  EXPECT_TRUE(after.Published().empty());
}

TEST(UpdateFactor, PublishesAgainAfterAnAbortWithTheStateBeforeIt) {
  Task task;
  DesignInput input;
  input.Add(MakeUpdate("d1", kNow, 1));
  task.Process(input);
  task.Commit();
  input.Add(MakeUpdate("d1", kNow, 1));
  input.Add(MakeUpdate("d2", kNow, 1));
  task.Process(input, 1);
  task.Timer(false);
  task.Abort();
  EXPECT_TRUE(task.Published().empty());
  task.Timer(false);
  const auto published = task.Published();
  ASSERT_EQ(published.size(), 1U);  // d2 is not there any more
  EXPECT_EQ(published[0].design_id(), "d1");
  EXPECT_EQ(published[0].weight(), 1.0);
  EXPECT_EQ(published[0].source_offset(), 1);
}

TEST(DesignStateSerde, TakesBackWhatItGaveAndNothingElse) {
  const models::Demand demand{10, 11, {1, 2, 3, 4, 5}, {0.5F, 0.25F}, {{12, 0.5F}, {13, 1.5F}}};
  const DesignState state{{kNow, {1, 2, 3}, {4, 5}, 6, 7.5, 8}, demand, {{-0.5F, 2, 0.25F, 1}, 3, {{"8", {models::SizeScale::kNumbers, 8}}}}, 9};
  std::string bytes;
  const DesignStateSerde serde;
  serde.Encode(state, &bytes);
  DesignState decoded;
  ASSERT_TRUE(serde.Decode(bytes, &decoded).ok());
  EXPECT_EQ(decoded, state);
  for (size_t size = 1; size < bytes.size(); ++size)
    EXPECT_EQ(serde.Decode(bytes.substr(0, size), &decoded).code(), Code::kCorruption) << size;
  EXPECT_EQ(serde.Decode(bytes + "x", &decoded).code(), Code::kCorruption);
  bytes[0] = 9;
  EXPECT_EQ(serde.Decode(bytes, &decoded).code(), Code::kIncompatible);
}

}  // namespace
}  // namespace catwalk::operators
