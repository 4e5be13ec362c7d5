#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "operators/deduplicate.h"
#include "operators/emit_recommendations.h"
#include "operators/give_sizes.h"
#include "operators/table_records.h"
#include "operators/user_pipeline.h"
#include "operators/user_query.h"
#include "schemas/event_time.h"
#include "state/partition_key.h"
#include "tests/operators/fake_context.h"
#include "tests/operators/user_events.h"
#include "tests/testing/matchers.h"

namespace catwalk::operators {
namespace {

using schemas::Topic;

/// The topics behind the global tables.
struct TableTopics {
  std::vector<schemas::Record> factors, model;
};

/// The global tables at offsets of their topics, from the topics' records.
std::shared_ptr<const models::DesignTable> TableAt(const TableTopics& topics, int64_t factors_offset, int64_t model_offset) {
  models::DesignTableBuilder builder({.k = 8});
  for (const auto& record : topics.factors) {
    if (record.offset >= factors_offset) break;
    EXPECT_THAT(ApplyFactorRecord(record.key, record.value, record.tombstone, record.offset + 1, &builder), tests::IsOk());
  }
  for (const auto& record : topics.model) {
    if (record.offset >= model_offset) break;
    EXPECT_THAT(ApplyModelRecord(record.value, record.tombstone, record.offset + 1, &builder), tests::IsOk());
  }
  return builder.Publish();
}

/// Where a batch saw a topic of the tables.
int64_t OffsetOf(const schemas::Lineage::Batch& batch, std::string_view topic) {
  for (const auto& table : batch.tables())
    if (table.topic() == topic) return table.offset();
  ADD_FAILURE() << "lineage does not name " << topic;
  return 0;
}

const schemas::Record& At(const std::map<std::string, std::vector<schemas::Record>>& inputs, const std::string& topic, int64_t offset) {
  return inputs.at(topic).at(static_cast<size_t>(offset));
}

/// Everything but the wall clock.
std::string Comparable(schemas::Recommendation list) {
  list.clear_generated_at_ms();
  return list.SerializeAsString();
}

schemas::Feedback FitOfPurchase(const schemas::Purchase& purchase, uint64_t random) {
  schemas::Feedback feedback;
  feedback.set_event_id(purchase.event_id() + "/fit");
  feedback.set_user_id(purchase.user_id());
  feedback.set_design_id(purchase.design_id());
  feedback.set_occurred_at_ms(purchase.occurred_at_ms() + 1);
  feedback.set_about_event_id(purchase.event_id());
  feedback.set_fit(static_cast<schemas::Feedback::Fit>(1 + random % 3));
  return feedback;
}

void PipeRandomEvents(tests::TopologyTestDriver* driver, int count) {
  std::mt19937_64 random(5);
  for (int i = 0; i < count; ++i) {
    const std::string user = "u" + std::to_string(random() % 12), design = "d" + std::to_string(random() % 30);
    const int64_t at_ms = kEventTime + static_cast<int64_t>(random() % 100'000'000);
    const std::string event = "e" + std::to_string(i);
    if (random() % 3 == 0) {
      auto purchase = MakePurchase(event, user, design, at_ms);
      purchase.set_size(std::to_string(2 * (random() % 8)));
      driver->Append(Topic::kPurchases, user, purchase.SerializeAsString());
      driver->Append(Topic::kFeedback, user, FitOfPurchase(purchase, random()).SerializeAsString());
    } else {
      driver->Append(Topic::kClicks, user, MakeClick(event, user, design, at_ms).SerializeAsString());
    }
    if (random() % 5 == 0) driver->Settle();
  }
  driver->Settle();
}

/// The list as a query would give it at the event's time (which evaluation relies on), from the state that is committed.
schemas::Recommendation Asked(const FakeContext& context, const UserOptions& options, const schemas::Recommendation& list,
                              int64_t at_ms) {
  const auto& store = context.database().Store(*context.StoreNumber(kUsersStore));
  std::string bytes;
  UserState user;
  EXPECT_TRUE(*store.Get(state::PartitionKey(context.partition(), list.user_id()), &bytes));
  EXPECT_THAT(UserStateSerde().Decode(bytes, &user), tests::IsOk());
  UserQuery query(options, context.tables().k());
  const UserQuery::Question question{context.tables(), user, at_ms, options.list_size};
  const auto answer = query.Ask(question);
  schemas::Recommendation asked;
  asked.set_user_id(list.user_id());
  asked.set_event_id(list.event_id());
  FillList(context.tables(), answer.list, query.Reasons(question, answer), SizesFor(context.tables(), user, answer.list), &asked);
  return asked;
}

TEST(Lineage, NamesEnoughToComputeEveryListAgainBitForBit) {
  tests::TopologyTestDriver driver(SmallTopology());
  PipeRandomEvents(&driver, 400);
  const auto written = driver.Read<schemas::Recommendation>(Topic::kRecommendations);
  const TableTopics tables{driver.ReadOutput(Topic::kDesignFactors), driver.ReadOutput(Topic::kModel)};
  std::map<std::string, std::vector<schemas::Record>> inputs;
  inputs["clicks"] = driver.ReadOutput(Topic::kClicks);
  inputs["purchases"] = driver.ReadOutput(Topic::kPurchases);
  inputs["feedback"] = driver.ReadOutput(Topic::kFeedback);

  UserOptions options;
  const auto pipeline = MakeUserPipeline(schemas::TopicNames(), options);
  FakeContext context;
  context.set_tables(TableAt(tables, 0, 0));
  ASSERT_TRUE(pipeline->Open(context).ok());
  std::set<int64_t> versions, blends;
  std::vector<std::string> recomputed, asked;
  const auto process = [&](const schemas::Record& record) {
    ASSERT_TRUE(pipeline->Process({&record, 1}, context).ok());
    ASSERT_TRUE(context.Commit().ok());
    for (const auto& emitted : context.TakeEmitted()) {
      if (emitted.topic != Topic::kRecommendations) continue;
      schemas::Recommendation list;
      ASSERT_TRUE(list.ParseFromString(emitted.record.value));
      recomputed.push_back(Comparable(list));
      asked.push_back(Comparable(Asked(context, options, list, *schemas::PeekEventTime(record.value))));
    }
  };
  for (const auto& lineage : driver.Read<schemas::Lineage>(Topic::kLineage)) {
    if (lineage.sub_topology() != "users") continue;
    std::vector<int64_t> next;
    for (const auto& source : lineage.sources()) next.push_back(source.from());
    for (const auto& batch : lineage.batches()) {
      const int64_t factors_offset = OffsetOf(batch, "design-factors"), model_offset = OffsetOf(batch, "model");
      versions.insert(factors_offset);
      blends.insert(model_offset);
      context.set_tables(TableAt(tables, factors_offset, model_offset));
      for (int run = 0; run < batch.run_source_size(); ++run) {
        const auto source = batch.run_source(run);
        const auto& topic = lineage.sources(static_cast<int>(source)).topic();
        // One by one: where a batch ends must not matter.
        for (auto left = batch.run_length(run); left > 0; --left) {
          process(At(inputs, topic, next[source]++));
        }
      }
    }
  }
  std::vector<std::string> expected;
  int sizes = 0;
  for (const auto& list : written) {
    expected.push_back(Comparable(list));
    for (const auto& item : list.items()) sizes += item.size().empty() ? 0 : 1;
  }
  EXPECT_GT(sizes, 400);
  EXPECT_EQ(expected.size(), 400U);
  EXPECT_EQ(recomputed, expected);
  EXPECT_EQ(asked, expected) << "what is served is what is evaluated";
  EXPECT_GT(versions.size(), 20U);
  EXPECT_GT(blends.size(), 20U);
}

}  // namespace
}  // namespace catwalk::operators
