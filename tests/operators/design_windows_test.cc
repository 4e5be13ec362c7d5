#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operators/count_windows.h"
#include "operators/design_decode.h"
#include "operators/design_pipeline.h"
#include "operators/model_work.h"
#include "tests/operators/design_input.h"
#include "tests/operators/fake_context.h"

namespace catwalk::operators {
namespace {

constexpr int64_t kTen = 1'700'000'000'000 / kDayMs * kDayMs + 10 * kHourMs;

struct Task {
  void Process(const DesignInput& input, size_t from = 0) {
    auto items = input.Items(from);
    EXPECT_TRUE(decode.Process(items, context).ok());
    EXPECT_TRUE(windows.Process(items, context).ok());
  }
  std::vector<schemas::PartialWindow> Sent() {
    EXPECT_TRUE(windows.OnTimer(false, context).ok());
    std::vector<schemas::PartialWindow> sent;
    for (const auto& emitted : context.TakeEmitted()) {
      schemas::ModelUpdate update;
      EXPECT_EQ(emitted.topic, schemas::Topic::kModelUpdates);
      EXPECT_EQ(emitted.record.partition, 0);
      EXPECT_TRUE(update.ParseFromString(emitted.record.value));
      EXPECT_EQ(emitted.record.key, std::to_string(update.window().window_start_ms()));
      sent.push_back(update.window());
    }
    return sent;
  }

  FakeContext context;
  DesignDecode decode;
  CountWindows windows;
};

TEST(CountWindows, SendsWhatEachHourHasCountedByDesignId) {
  Task task;
  DesignInput input;
  input.Add(MakeUpdate("d2", kTen + 20, 0.3F));
  input.Add(MakeUpdate("d1", kTen + 15, 4));
  input.Add(MakeUpdate("d1", kTen + kHourMs - 1, 4));
  input.Add(MakeUpdate("d1", kTen - 1, 1));  // out of order, the hour before
  task.Process(input);
  const auto sent = task.Sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].window_start_ms(), kTen - kHourMs);
  EXPECT_EQ(sent[0].entries_size(), 1);
  EXPECT_EQ(sent[1].window_start_ms(), kTen);
  ASSERT_EQ(sent[1].entries_size(), 2);
  EXPECT_EQ(sent[1].entries(0).design_id(), "d1");
  EXPECT_EQ(sent[1].entries(0).events(), 2);
  EXPECT_EQ(sent[1].entries(0).weight_micros(), 8'000'000);
  EXPECT_EQ(sent[1].entries(1).design_id(), "d2");
  EXPECT_EQ(sent[1].entries(1).weight_micros(), 300'000);
}

TEST(CountWindows, SendsEachRecordOnceAndTheSameUpdateTwiceIfItComesTwice) {
  Task task;
  DesignInput input;
  input.Add(MakeUpdate("d1", kTen, 1));
  input.Add(MakeUpdate("d1", kTen, 1));
  task.Process(input);
  const auto sent = task.Sent();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].entries(0).events(), 2);
  EXPECT_TRUE(task.Sent().empty());
}

TEST(CountWindows, ForgetsAfterAnAbortWhatWillComeAgain) {
  Task task;
  DesignInput input;
  input.Add(MakeUpdate("d1", kTen, 1));
  task.Process(input);
  task.windows.OnAbort();
  EXPECT_TRUE(task.Sent().empty());
  task.Process(input);
  EXPECT_EQ(task.Sent().size(), 1U);
}

TEST(DesignPipeline, RunsItsOperatorsInOrderOverOneBatch) {
  const auto pipeline = MakeDesignPipeline({});
  EXPECT_THAT(pipeline->OperatorNames(), testing::ElementsAre("decode", "factor", "neighbours", "partial-windows"));
  FakeContext context;
  ASSERT_TRUE(pipeline->Open(context).ok());
  DesignInput input;
  std::vector<schemas::Record> records;
  auto update = MakeUpdate("d1", kTen, 1);
  update.add_recent(models::KeyOf("d2"));
  records.push_back(input.Add(update));
  records.push_back(input.AddBytes("\x0a\xff\xff"));
  records.push_back(input.Add(update));
  ASSERT_TRUE(pipeline->Process(records, context).ok());
  ASSERT_TRUE(pipeline->OnTimer(true, context).ok());
  EXPECT_EQ(context.rejected().size(), 1U);
  std::vector<std::string> keys;
  for (const auto& emitted : context.TakeEmitted()) keys.push_back(emitted.record.key);
  EXPECT_THAT(keys, testing::ElementsAre("d1", "neighbours/d1", std::to_string(kTen)));
}

}  // namespace
}  // namespace catwalk::operators
