#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "operators/user_pipeline.h"
#include "tests/operators/fake_context.h"
#include "tests/operators/user_events.h"

namespace catwalk::operators {
namespace {

using schemas::Topic;

/// The global table at an offset of design-factors, from the topic's records.
std::shared_ptr<const models::DesignTable> TableAt(const std::vector<schemas::Record>& factors, int64_t offset) {
  models::DesignTableBuilder builder({.k = 8});
  for (const auto& record : factors) {
    if (record.offset >= offset) break;
    schemas::DesignTableRecord entry;
    EXPECT_TRUE(entry.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())));
    if (!entry.has_factor()) {
      builder.SkipFactors(record.offset + 1);
      continue;
    }
    const auto& factor = entry.factor();
    EXPECT_TRUE(builder.ApplyFactor(factor.design_id(),
                                    {.factor = {factor.factor().begin(), factor.factor().end()},
                                     .popularity = factor.popularity(),
                                     .popularity_at_ms = factor.popularity_at_ms(),
                                     .weight = factor.weight()},
                                    record.offset + 1).ok());
  }
  return builder.Publish();
}

const schemas::Record& At(const std::map<std::string, std::vector<schemas::Record>>& inputs, const std::string& topic, int64_t offset) {
  return inputs.at(topic).at(static_cast<size_t>(offset));
}

/// Everything but the wall clock.
std::string Comparable(schemas::Recommendation list) {
  list.clear_generated_at_ms();
  return list.SerializeAsString();
}

void PipeRandomEvents(tests::TopologyTestDriver* driver, int count) {
  std::mt19937_64 random(5);
  for (int i = 0; i < count; ++i) {
    const std::string user = "u" + std::to_string(random() % 12), design = "d" + std::to_string(random() % 30);
    const int64_t at_ms = kEventTime + static_cast<int64_t>(random() % 100'000'000);
    const std::string event = "e" + std::to_string(i);
    if (random() % 3 == 0) {
      driver->Append(Topic::kPurchases, user, MakePurchase(event, user, design, at_ms).SerializeAsString());
    } else {
      driver->Append(Topic::kClicks, user, MakeClick(event, user, design, at_ms).SerializeAsString());
    }
    if (random() % 5 == 0) driver->Settle();
  }
  driver->Settle();
}

TEST(Lineage, NamesEnoughToComputeEveryListAgainBitForBit) {
  tests::TopologyTestDriver driver(SmallTopology());
  PipeRandomEvents(&driver, 400);
  const auto written = driver.Read<schemas::Recommendation>(Topic::kRecommendations);
  const auto factors = driver.ReadOutput(Topic::kDesignFactors);
  std::map<std::string, std::vector<schemas::Record>> inputs;
  inputs["clicks"] = driver.ReadOutput(Topic::kClicks);
  inputs["purchases"] = driver.ReadOutput(Topic::kPurchases);

  UserOptions options;
  const auto pipeline = MakeUserPipeline(schemas::TopicNames(), options);
  FakeContext context;
  context.set_tables(TableAt(factors, 0));
  ASSERT_TRUE(pipeline->Open(context).ok());
  std::set<int64_t> versions;
  for (const auto& lineage : driver.Read<schemas::Lineage>(Topic::kLineage)) {
    if (lineage.sub_topology() != "users") continue;
    std::vector<int64_t> next;
    for (const auto& source : lineage.sources()) next.push_back(source.from());
    for (const auto& batch : lineage.batches()) {
      ASSERT_EQ(batch.tables(0).topic(), "design-factors");
      versions.insert(batch.tables(0).offset());
      context.set_tables(TableAt(factors, batch.tables(0).offset()));
      for (int run = 0; run < batch.run_source_size(); ++run) {
        const auto source = batch.run_source(run);
        const auto& topic = lineage.sources(static_cast<int>(source)).topic();
        // One by one: where a batch ends must not matter.
        for (auto left = batch.run_length(run); left > 0; --left) {
          ASSERT_TRUE(pipeline->Process({&At(inputs, topic, next[source]++), 1}, context).ok());
        }
      }
    }
  }
  ASSERT_TRUE(context.Commit().ok());

  std::vector<std::string> expected, recomputed;
  for (const auto& list : written) expected.push_back(Comparable(list));
  for (const auto& emitted : context.TakeEmitted()) {
    if (emitted.topic != Topic::kRecommendations) continue;
    schemas::Recommendation list;
    ASSERT_TRUE(list.ParseFromString(emitted.record.value));
    recomputed.push_back(Comparable(list));
  }
  EXPECT_EQ(expected.size(), 400U);
  EXPECT_EQ(recomputed, expected);
  EXPECT_GT(versions.size(), 20U);
}

}  // namespace
}  // namespace catwalk::operators
