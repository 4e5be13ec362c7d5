#include "apps/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "apps/replay/delimited_input.h"
#include "apps/replay/line_input.h"
#include "apps/replay/patience.h"
#include "base/clock.h"
#include "schemas/events.pb.h"
#include "tests/apps/text_source.h"
#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using tests::HasCode;
using tests::IsOk;

// Goes on by a step with each look, so that waits end.
class SteppingClock final : public Clock {
 public:
  explicit SteppingClock(int64_t step_us) : step_us_(step_us) {}
  int64_t NowMs() const override { return 1'600'000'000'000; }
  int64_t SteadyUs() const override { return now_us_ += step_us_; }

 private:
  int64_t step_us_;
  mutable int64_t now_us_ = 0;
};

// Keeps what it is sent and in which portions.
class KeepingSender final : public RecordSender {
 public:
  Status Send(std::vector<schemas::OutgoingRecord> records) override {
    portions.push_back(records.size());
    for (auto& record : records) sent.push_back(std::move(record));
    return next_status;
  }
  Status Finish() override {
    finished = sent.size();
    return Status::Ok();
  }

  std::vector<schemas::OutgoingRecord> sent;
  std::vector<size_t> portions;
  std::optional<size_t> finished;
  Status next_status;
};

class ReplayTest : public ::testing::Test {
 protected:
  Result<ReplaySummary> Run(const std::string& text, const ReplayOptions& options = {}) {
    auto map = FieldMap::Parse({"user_id=user,design_id=design,occurred_at_ms=date,profile.age=age"}, {},
                               schemas::Topic::kPurchases);
    auto input = DelimitedInput::Open(LinesOf("user,design,date,age\n" + text), std::move(map).value(), {}, "a.csv", clock_);
    if (!input.ok()) return input.status();
    Replay replay(options, **input, sender_, bad_lines_, progress_, clock_);
    return replay.Run(stop_.get_token());
  }

  std::vector<std::string> EventIds() const {
    std::vector<std::string> ids;
    for (const auto& record : sender_.sent) {
      schemas::Purchase event;
      event.ParseFromString(record.value);  // field 1 is the id in all of them
      ids.push_back(event.event_id());
    }
    return ids;
  }

  SteppingClock clock_{10};
  KeepingSender sender_;
  std::ostringstream errors_;
  BadLines bad_lines_{errors_, "a.csv"};
  std::ostringstream bars_;
  ProgressPrinter progress_{bars_, 0};
  std::stop_source stop_;
};

TEST_F(ReplayTest, SendsRowsInFileOrderWhateverTheirTimes) {
  ASSERT_THAT(Run("ann,d1,2010-11-03,\nbob,d2,2010-11-03,\ncid,d3,2009-01-01,\n"), IsOk());
  EXPECT_THAT(EventIds(), ElementsAre("a.csv:2", "a.csv:3", "a.csv:4"));
  EXPECT_EQ(sender_.finished, 3U);
}

TEST_F(ReplayTest, CountsWhatItSends) {
  const auto summary = Run("ann,d1,2010-11-03,38\nann,d2,2010-11-04,38\n");
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->lines, 2U);
  EXPECT_THAT(summary->sent, ElementsAre(Pair("profiles", 1U), Pair("purchases", 2U)));
  EXPECT_EQ(summary->bad_lines, 0U);
  EXPECT_FALSE(summary->interrupted);
}

TEST_F(ReplayTest, GoesOnAfterBadLines) {
  const auto summary = Run("ann,d1,2010-11-03,38\nann,d1,never,38\n,d1,2010-11-03,38\n\"ann,d1\nbob,d1,2010-11-03,\n");
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->bad_lines, 3U);
  EXPECT_THAT(summary->broken, ElementsAre(Pair("bad_quotes", 1U), Pair("missing_user_id", 1U), Pair("not_a_time", 1U)));
  EXPECT_THAT(EventIds(), ElementsAre("a.csv:2/profile", "a.csv:2", "a.csv:6"));
  EXPECT_THAT(errors_.str(), HasSubstr("a.csv:3: not_a_time: "));
}

TEST_F(ReplayTest, StrictStopsAtABadLineWithWhatCameBeforeSent) {
  const auto summary = Run("ann,d1,2010-11-03,\nann,d1,never,\nbob,d1,2010-11-03,\n", {.strict = true});
  EXPECT_THAT(summary, HasCode(Code::kInvalidArgument));
  EXPECT_THAT(summary, tests::HasMessage(HasSubstr("a.csv:3: not_a_time")));
  EXPECT_THAT(EventIds(), ElementsAre("a.csv:2"));
  EXPECT_EQ(sender_.finished, 1U);
}

TEST_F(ReplayTest, SendsManyRowsInPortions) {
  std::string rows;
  for (int i = 0; i < 5000; ++i) rows += "u" + std::to_string(i) + ",d1,2010-11-03,\n";
  ASSERT_THAT(Run(rows), IsOk());
  EXPECT_EQ(sender_.sent.size(), 5000U);
  EXPECT_THAT(sender_.portions, ElementsAre(2000U, 2000U, 1000U));
}

TEST_F(ReplayTest, AtARateSendsWhatIsDueBeforeItWaits) {
  // A look at the clock takes 10 us; at 1,000 a second one row is due each millisecond, so each goes out alone.
  ASSERT_THAT(Run("a,d,2010-11-03,\nb,d,2010-11-03,\nc,d,2010-11-03,\n", {.rate = 1000}), IsOk());
  EXPECT_THAT(sender_.portions, ElementsAre(1U, 1U, 1U));
}

TEST_F(ReplayTest, AnErrorOfTheSenderEndsIt) {
  sender_.next_status = {Code::kNoSpace, "the disk is full"};
  EXPECT_THAT(Run("ann,d1,2010-11-03,\n"), HasCode(Code::kNoSpace));
}

TEST_F(ReplayTest, AStopSaysSo) {
  stop_.request_stop();
  const auto summary = Run("ann,d1,2010-11-03,\n");
  ASSERT_THAT(summary, IsOk());
  EXPECT_TRUE(summary->interrupted);
  EXPECT_EQ(sender_.finished, 0U);
}

TEST(ReplaySummary, IsReadableAndJson) {
  const ReplaySummary summary{.lines = 1500, .bad_lines = 2, .sent = {{"purchases", 1498}}, .broken = {{"not_a_time", 2}},
                              .seconds = 0.5, .interrupted = false};
  EXPECT_THAT(DescribeSummary(summary), HasSubstr("replayed 1,500 lines in 0.50 s (3,000/s)\n"));
  EXPECT_EQ(SummaryJson(summary), "{\"lines\":1500,\"sent\":{\"purchases\":1498},\"bad_lines\":2,\"bad_by_rule\":{\"not_a_time\":2},"
                                  "\"seconds\":0.500,\"lines_per_second\":3000,\"interrupted\":false}\n");
}

void NoWait(std::chrono::microseconds, std::stop_token) {}

TEST(RetryWhileBusy, TriesAgainUntilTaken) {
  const SteppingClock clock(1000);
  int attempts = 0;
  const auto attempt = [&] { return ++attempts < 5 ? Status(Code::kBackpressure, "busy") : Status::Ok(); };
  EXPECT_THAT(RetryWhileBusy(attempt, std::chrono::seconds(1), {}, clock, NoWait), IsOk());
  EXPECT_EQ(attempts, 5);
}

TEST(RetryWhileBusy, GivesUpWithoutProgress) {
  const SteppingClock clock(100'000);
  const auto attempt = [] { return Status(Code::kBackpressure, "busy"); };
  EXPECT_THAT(RetryWhileBusy(attempt, std::chrono::seconds(1), {}, clock, NoWait), HasCode(Code::kTimeout));
}

TEST(RetryWhileBusy, LeavesOtherErrorsAlone) {
  const SteppingClock clock(1000);
  const auto attempt = [] { return Status(Code::kNoSpace, "full"); };
  EXPECT_THAT(RetryWhileBusy(attempt, std::chrono::seconds(1), {}, clock, NoWait), HasCode(Code::kNoSpace));
}

}  // namespace
}  // namespace catwalk::apps
