#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operators/design_decode.h"
#include "operators/update_neighbours.h"
#include "tests/operators/design_input.h"
#include "tests/operators/fake_context.h"

namespace catwalk::operators {
namespace {

using models::KeyOf;

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kDay = 86'400'000;

schemas::DesignUpdate After(const std::string& design_id, int64_t at_ms, const std::vector<std::string>& recent) {
  auto update = MakeUpdate(design_id, at_ms, 1);
  for (const auto& id : recent) update.add_recent(KeyOf(id));
  return update;
}

struct Task {
  explicit Task(std::shared_ptr<state::Database> database = state::MakeMemoryDatabase()) : context(std::move(database)) {
    EXPECT_TRUE(neighbours.Open(context).ok());
  }
  void Process(const DesignInput& input, size_t from = 0) {
    auto items = input.Items(from);
    EXPECT_TRUE(decode.Process(items, context).ok());
    EXPECT_TRUE(neighbours.Process(items, context).ok());
  }
  std::vector<schemas::DesignNeighbours> Published(bool idle) {
    EXPECT_TRUE(neighbours.OnTimer(idle, context).ok());
    std::vector<schemas::DesignNeighbours> published;
    for (const auto& emitted : context.TakeEmitted()) {
      schemas::DesignTableRecord record;
      EXPECT_EQ(emitted.topic, schemas::Topic::kDesignFactors);
      EXPECT_TRUE(record.ParseFromString(emitted.record.value));
      EXPECT_EQ(emitted.record.key, "neighbours/" + record.neighbours().design_id());
      published.push_back(record.neighbours());
    }
    return published;
  }

  FakeContext context;
  DesignDecode decode;
  UpdateNeighbours neighbours{DesignOptions{}};
};

TEST(UpdateNeighbours, PublishesTheStrongestFirst) {
  Task task;
  DesignInput input;
  input.Add(After("d1", kNow, {"d2", "d3"}));
  input.Add(After("d1", kNow, {"d3"}));
  task.Process(input);
  const auto published = task.Published(true);
  ASSERT_EQ(published.size(), 1U);
  EXPECT_THAT(published[0].neighbours(), testing::ElementsAre(KeyOf("d3"), KeyOf("d2")));
  EXPECT_THAT(published[0].weights(), testing::ElementsAre(1.8F, 1.0F));
  EXPECT_THAT(published[0].ages_ms(), testing::ElementsAre(0, 0));
  EXPECT_EQ(published[0].at_ms(), kNow);
  EXPECT_EQ(published[0].source_offset(), 2);
}

TEST(UpdateNeighbours, SaysHowOldAWeightIsAndCountsADuplicateTwice) {
  Task task;
  DesignInput input;
  input.Add(After("d1", kNow, {"d2"}));
  input.Add(After("d1", kNow - 90 * kDay, {"d3"}));
  input.Add(After("d1", kNow, {"d2"}));
  task.Process(input);
  const auto published = task.Published(true);
  ASSERT_EQ(published.size(), 1U);
  EXPECT_THAT(published[0].weights(), testing::ElementsAre(2.0F, 1.0F));
  EXPECT_THAT(published[0].ages_ms(), testing::ElementsAre(0, 90 * kDay));
}

TEST(UpdateNeighbours, WaitsForTenPercentMoreWeightAndLeavesAloneWhatHadNoPredecessor) {
  Task task;
  DesignInput input;
  for (int i = 0; i < 20; ++i) input.Add(After("d1", kNow, {"d2"}));
  input.Add(After("d9", kNow, {}));
  task.Process(input);
  EXPECT_EQ(task.Published(false).size(), 1U);
  input.Add(After("d1", kNow, {"d2"}));
  task.Process(input, 21);
  EXPECT_TRUE(task.Published(false).empty());
  input.Add(After("d1", kNow, {"d2"}));
  task.Process(input, 22);
  EXPECT_EQ(task.Published(false).size(), 1U);
}

TEST(UpdateNeighbours, GoesOnEqualAfterARestart) {
  DesignInput input;
  for (int i = 0; i < 10; ++i) input.Add(After("d1", kNow + i * kDay, {"d" + std::to_string(2 + i % 4), "d7"}));
  Task straight;
  straight.Process(input);
  const auto expected = straight.Published(true);

  DesignInput first;
  for (int i = 0; i < 6; ++i) first.Add(After("d1", kNow + i * kDay, {"d" + std::to_string(2 + i % 4), "d7"}));
  Task before;
  before.Process(first);
  ASSERT_TRUE(before.context.Commit().ok());
  Task after(before.context.shared_database());
  after.Process(input, 6);
  const auto published = after.Published(true);
  ASSERT_EQ(published.size(), 1U);
  EXPECT_EQ(published[0].SerializeAsString(), expected[0].SerializeAsString());
}

TEST(UpdateNeighbours, PublishesAgainAfterAnAbort) {
  Task task;
  DesignInput input;
  input.Add(After("d1", kNow, {"d2"}));
  task.Process(input);
  ASSERT_TRUE(task.context.Commit().ok());
  input.Add(After("d1", kNow, {"d3"}));
  task.Process(input, 1);
  EXPECT_EQ(task.Published(false).size(), 1U);
  task.context.Abort();
  task.neighbours.OnAbort();
  const auto published = task.Published(false);
  ASSERT_EQ(published.size(), 1U);
  EXPECT_THAT(published[0].neighbours(), testing::ElementsAre(KeyOf("d2")));
}

TEST(NeighbourStateSerde, TakesBackWhatItGaveAndNothingElse) {
  const NeighbourState state{{kNow, {{1, 0.5F, kNow}, {2, 1.5F, kNow - kDay}}}, 3.5, 4};
  std::string bytes;
  const NeighbourStateSerde serde;
  serde.Encode(state, &bytes);
  NeighbourState decoded;
  ASSERT_TRUE(serde.Decode(bytes, &decoded).ok());
  EXPECT_EQ(decoded, state);
  EXPECT_EQ(serde.Decode(bytes.substr(0, bytes.size() - 1), &decoded).code(), Code::kCorruption);
  bytes[0] = 9;
  EXPECT_EQ(serde.Decode(bytes, &decoded).code(), Code::kIncompatible);
}

}  // namespace
}  // namespace catwalk::operators
