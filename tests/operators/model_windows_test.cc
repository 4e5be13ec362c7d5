#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "operators/merge_windows.h"
#include "operators/model_decode.h"
#include "operators/model_pipeline.h"
#include "tests/operators/fake_context.h"

namespace catwalk::operators {
namespace {

constexpr int64_t kDayStart = 1'700'000'000'000 / kDayMs * kDayMs;
constexpr int64_t kTen = kDayStart + 10 * kHourMs;

struct Counted {
  std::string design_id;
  int64_t events;
  int64_t weight_micros;
};

schemas::ModelUpdate Partial(int64_t start_ms, const std::vector<Counted>& entries) {
  schemas::ModelUpdate update;
  update.mutable_window()->set_window_start_ms(start_ms);
  for (const auto& counted : entries) {
    auto* entry = update.mutable_window()->add_entries();
    entry->set_design_id(counted.design_id);
    entry->set_events(counted.events);
    entry->set_weight_micros(counted.weight_micros);
  }
  return update;
}

struct Task {
  explicit Task(std::shared_ptr<state::Database> database = state::MakeMemoryDatabase()) : context(std::move(database)) {
    EXPECT_TRUE(windows.Open(context).ok());
  }
  void ProcessBytes(const std::string& bytes) {
    schemas::Record record;
    record.value = bytes;
    std::vector<ModelWork> items(1);
    items[0].Reset(record);
    EXPECT_TRUE(decode.Process(items, context).ok());
    EXPECT_TRUE(windows.Process(items, context).ok());
  }
  void Process(const schemas::ModelUpdate& update) { ProcessBytes(update.SerializeAsString()); }
  void Commit() { EXPECT_TRUE(context.Commit().ok()); }
  std::vector<schemas::Trend> Sent() {
    EXPECT_TRUE(windows.OnTimer(false, context).ok());
    std::vector<schemas::Trend> sent;
    for (const auto& emitted : context.TakeEmitted()) {
      EXPECT_EQ(emitted.topic, schemas::Topic::kTrends);
      EXPECT_EQ(emitted.record.partition, 0);
      sent.emplace_back();
      EXPECT_TRUE(sent.back().ParseFromString(emitted.record.value));
      const std::string prefix = sent.back().granularity() == schemas::Trend::GRANULARITY_DAY ? "day/" : "hour/";
      EXPECT_EQ(emitted.record.key, prefix + std::to_string(sent.back().window_start_ms()));
    }
    return sent;
  }

  FakeContext context;
  ModelDecode decode;
  MergeWindows windows{ModelOptions{}};
};

TEST(MergeWindows, AddsUpHoursAndDaysOverTasks) {
  Task task;
  task.Process(Partial(kTen, {{"d1", 2, 8'000'000}, {"d2", 1, 300'000}}));
  task.Process(Partial(kTen, {{"d1", 1, 1'000'000}}));
  task.Process(Partial(kTen + kHourMs, {{"d2", 5, 20'000'000}}));
  const auto sent = task.Sent();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].window_start_ms(), kTen);
  EXPECT_EQ(sent[0].window_end_ms(), kTen + kHourMs);
  EXPECT_EQ(sent[0].events(), 4);
  EXPECT_DOUBLE_EQ(sent[0].weight(), 9.3);
  EXPECT_EQ(sent[0].designs(), 2);
  EXPECT_EQ(sent[0].top(0).design_id(), "d1");
  EXPECT_EQ(sent[0].top(0).events(), 3);
  EXPECT_FALSE(sent[0].closed());
  const auto& day = sent[2];
  EXPECT_EQ(day.granularity(), schemas::Trend::GRANULARITY_DAY);
  EXPECT_EQ(day.window_start_ms(), kDayStart);
  EXPECT_EQ(day.events(), 9);
  EXPECT_EQ(day.top(0).design_id(), "d2");
  EXPECT_DOUBLE_EQ(day.top(0).weight(), 20.3);
}

TEST(MergeWindows, NamesTheTwentyHeaviestTiesById) {
  Task task;
  for (int i = 29; i >= 0; --i) task.Process(Partial(kTen, {{"d" + std::to_string(10 + i), 1, i < 3 ? 2 : 1}}));
  const auto sent = task.Sent();
  ASSERT_EQ(sent[0].top_size(), 20);
  EXPECT_EQ(sent[0].designs(), 30);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sent[0].top(i).design_id(), "d" + std::to_string(10 + i));
}

TEST(MergeWindows, SendsOnlyWhatHasChanged) {
  Task task;
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  EXPECT_EQ(task.Sent().size(), 2U);
  task.Commit();
  EXPECT_TRUE(task.Sent().empty());
  task.Process(Partial(kTen - kHourMs, {{"d1", 1, 1}}));  // out of order
  const auto sent = task.Sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].window_start_ms(), kTen - kHourMs);
  EXPECT_EQ(sent[1].events(), 2);
}

TEST(MergeWindows, CountsTheSamePartialTwiceBecauseDeduplicationIsUpstream) {
  Task task;
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  EXPECT_EQ(task.Sent()[0].events(), 2);
}

TEST(MergeWindows, ClosesAWindowSevenDaysAfterItsEndAndDropsWhatComesLater) {
  Task task;
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  task.Sent();
  task.Commit();
  task.Process(Partial(kTen + 7 * kDayMs, {{"d1", 1, 1}}));  // one hour before the grace is over
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  EXPECT_EQ(task.context.dropped("late_window"), 0);
  task.Process(Partial(kTen + 7 * kDayMs + kHourMs, {{"d1", 1, 1}}));
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  EXPECT_EQ(task.context.dropped("late_window"), 1);
  auto sent = task.Sent();
  EXPECT_EQ(sent[0].window_start_ms(), kTen);
  EXPECT_TRUE(sent[0].closed());
  EXPECT_EQ(sent[0].events(), 2);
  task.Commit();
  for (const auto& trend : task.Sent()) EXPECT_NE(trend.window_start_ms(), kTen);
  std::string value;
  const auto store = task.context.StoreNumber("windows");
  ASSERT_TRUE(store.ok());
  int rows = 0;
  ASSERT_TRUE(task.context.database().Store(*store).Scan({}, {}, [&](auto, auto) { return ++rows > 0; }).ok());
  EXPECT_EQ(rows, 4);  // two hours and two days; the first day still takes what is not late for its hour
}

TEST(MergeWindows, DropsTheSameWhereverCommitsFall) {
  std::mt19937 random(7);
  std::vector<schemas::ModelUpdate> updates;
  for (int i = 0; i < 300; ++i) {
    const int64_t hour = i / 2 * 3 - static_cast<int64_t>(random() % 240);
    updates.push_back(Partial(kTen + hour * kHourMs, {{"d" + std::to_string(random() % 5), 1, 1 + static_cast<int64_t>(random() % 100)}}));
  }
  const auto run = [&](unsigned commit_one_in) {
    Task task;
    std::mt19937 commits(commit_one_in);
    std::map<std::string, std::string> last;
    const auto collect = [&] {
      for (const auto& trend : task.Sent())
        last[std::to_string(trend.granularity()) + "/" + std::to_string(trend.window_start_ms())] = trend.SerializeAsString();
      task.Commit();
    };
    for (const auto& update : updates) {
      task.Process(update);
      if (commits() % commit_one_in == 0) collect();
    }
    collect();
    return std::pair(last, task.context.dropped("late_window"));
  };
  const auto once = run(1'000'000);
  EXPECT_GT(once.second, 10);
  EXPECT_EQ(run(1), once);
  EXPECT_EQ(run(7), once);
}

TEST(MergeWindows, GoesOnEqualAfterARestart) {
  Task before;
  before.Process(Partial(kTen, {{"d1", 1, 5}}));
  before.Process(Partial(kTen + 8 * kDayMs, {{"d1", 1, 5}}));
  before.Sent();
  before.Commit();
  Task after(before.context.shared_database());
  after.Process(Partial(kTen, {{"d1", 1, 5}}));  // late still
  EXPECT_EQ(after.context.dropped("late_window"), 1);
  after.Process(Partial(kTen + 8 * kDayMs, {{"d2", 1, 7}}));
  const auto sent = after.Sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].events(), 2);
  EXPECT_DOUBLE_EQ(sent[0].weight(), 12e-6);
}

TEST(MergeWindows, ForgetsAfterAnAbortHowFarItHadCome) {
  Task task;
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  task.Sent();
  task.Commit();
  task.Process(Partial(kTen + 30 * kDayMs, {{"d1", 1, 1}}));
  task.context.Abort();
  task.windows.OnAbort();
  task.Process(Partial(kTen, {{"d1", 1, 1}}));
  EXPECT_EQ(task.context.dropped("late_window"), 0);
  const auto sent = task.Sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].events(), 2);
}

TEST(MergeWindows, StaysAtTheEndsOfTheRange) {
  Task task;
  const int64_t most = std::numeric_limits<int64_t>::max();
  task.Process(Partial(kTen, {{"d1", most, most}}));
  task.Process(Partial(kTen, {{"d1", most, most}}));
  EXPECT_EQ(task.Sent()[0].events(), most);
}

TEST(ModelDecode, RejectsWhatIsNoWindowOfAFullHour) {
  Task task;
  task.ProcessBytes("\x0a\xff\xff");
  task.Process(Partial(kTen + 1, {{"d1", 1, 1}}));
  task.Process(Partial(-kHourMs, {{"d1", 1, 1}}));
  task.Process(Partial(std::numeric_limits<int64_t>::max() / kHourMs * kHourMs, {{"d1", 1, 1}}));
  std::vector<std::string> rules;
  for (const auto& rejected : task.context.rejected()) rules.push_back(rejected.rule);
  EXPECT_THAT(rules, testing::ElementsAre("undecodable", "bad_window", "bad_window", "bad_window"));
  task.ProcessBytes(std::string("\x12\x00", 2));  // field 2: of a later version
  EXPECT_TRUE(task.Sent().empty());
}

TEST(WindowStateSerde, TakesBackWhatItGaveAndNothingElse) {
  WindowState state;
  state.Add(Partial(0, {{"d1", 3, -5}, {"", 1, 7'000'000}}).window());
  std::string bytes;
  const WindowStateSerde serde;
  serde.Encode(state, &bytes);
  WindowState decoded;
  ASSERT_TRUE(serde.Decode(bytes, &decoded).ok());
  EXPECT_EQ(decoded, state);
  for (size_t size = 1; size < bytes.size(); ++size)
    EXPECT_EQ(serde.Decode(bytes.substr(0, size), &decoded).code(), Code::kCorruption) << size;
  bytes[0] = 2;
  EXPECT_EQ(serde.Decode(bytes, &decoded).code(), Code::kIncompatible);
}

TEST(ModelPipeline, IsDecodeWindowsBlendSegmentsAndFit) {
  EXPECT_THAT(MakeModelPipeline({})->OperatorNames(), testing::ElementsAre("decode", "windows", "blend", "segments", "fit"));
}

}  // namespace
}  // namespace catwalk::operators
