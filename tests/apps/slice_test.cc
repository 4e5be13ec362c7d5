#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "apps/opened_log.h"
#include "apps/replay/dead_letter_input.h"
#include "apps/replay/input_choice.h"
#include "apps/replay/log_sender.h"
#include "apps/replay/replay.h"
#include "apps/tail/tail.h"
#include "base/clock.h"
#include "base/hash.h"
#include "schemas/events.pb.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::apps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tests::HasCode;
using tests::IsOk;

constexpr int kRows = 3000;

// Replay and tail over the real embedded log in a folder.
class SliceTest : public ::testing::Test {
 protected:
  SliceTest() { settings_.state_dir = folder_ / "state"; }

  Result<std::unique_ptr<OpenedLog>> Open(OpenedLog::Access access) { return OpenedLog::Open(settings_, access, clock_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }

  Result<ReplaySummary> Send(EventInput& input, OpenedLog& log) {
    ASSIGN_OR_RETURN(const auto sender, LogSender::Open(log.log(), clock_, {}));
    std::ostringstream quiet;
    BadLines bad_lines(errors_, "input");
    ProgressPrinter progress(quiet, 0);
    return Replay({}, input, *sender, bad_lines, progress, clock_).Run({});
  }

  Result<ReplaySummary> ReplayFile(const InputOptions& options) {
    ASSIGN_OR_RETURN(const auto log, Open(OpenedLog::Access::kWrite));
    ASSIGN_OR_RETURN(const auto input, OpenInput(options, {}, clock_, {}));
    return Send(*input, *log);
  }

  std::vector<std::string> TailJson(const std::string& topic) {
    std::ostringstream out;
    Tail tail({.topic = topic, .from_beginning = true, .until_end = true, .json = true}, {},
              [this] { return Open(OpenedLog::Access::kRead); }, true, out);
    EXPECT_THAT(tail.Run({}), IsOk());
    std::vector<std::string> lines;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  const SystemClock clock_;
  tests::TempDir folder_;
  Settings settings_;
  std::ostringstream errors_;
};

InputOptions RentalOptions(const std::string& path) {
  InputOptions options;
  options.path = path;
  options.maps = {"user_id=user,design_id=design,occurred_at_ms=date,profile.age=age,feedback.fit=fit,design.category=category"};
  options.sets = {"kind=rental"};
  return options;
}

std::string Rentals() {
  std::string text = "date\tuser\tdesign\tcategory\tfit\tage\n";
  for (int i = 0; i < kRows; ++i) {
    text += "2010-11-0" + std::to_string(1 + i % 9) + "\tu" + std::to_string(i % 100) + "\td" + std::to_string(i % 40) +
            "\tgown\t" + (i % 2 == 0 ? "fit" : "small") + "\t38\n";
  }
  return text;
}

TEST_F(SliceTest, EveryRowOfAFileComesOutOfTailOnce) {
  const auto summary = ReplayFile(RentalOptions(Write("rent.tsv", Rentals())));
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->bad_lines, 0U);
  EXPECT_THAT(summary->sent, ElementsAre(::testing::Pair("designs", 40U), ::testing::Pair("feedback", 3000U),
                                         ::testing::Pair("profiles", 100U), ::testing::Pair("purchases", 3000U)));
  const auto purchases = TailJson("purchases");
  ASSERT_EQ(purchases.size(), 3000U);
  std::vector<int> seen(kRows, 0);
  for (const std::string& line : purchases) {
    const size_t at = line.find("rent.tsv:") + 9;
    const int row = std::stoi(line.substr(at)) - 2;
    ASSERT_GE(row, 0);
    ++seen.at(static_cast<size_t>(row));
    EXPECT_THAT(line, HasSubstr("\"kind\":\"rental\""));
  }
  EXPECT_EQ(std::ranges::count(seen, 1), kRows);
  EXPECT_EQ(TailJson("profiles").size(), 100U);
}

TEST_F(SliceTest, AUsersRowsKeepTheFilesOrderInThePartitionOfTheKey) {
  ASSERT_THAT(ReplayFile(RentalOptions(Write("rent.tsv", Rentals()))), IsOk());
  const auto log = Open(OpenedLog::Access::kRead);
  ASSERT_THAT(log, IsOk());
  const auto range = TopicRange::Open((*log)->log(), "purchases", TopicRange::From::kBeginning);
  ASSERT_THAT(range, IsOk());
  std::vector<int> last_line(4, 0);
  std::vector<schemas::Record> records;
  int count = 0;
  while (!(*range)->AtEnd()) {
    ASSERT_THAT((*range)->Poll(std::chrono::milliseconds(0), &records), IsOk());
    for (const auto& record : records) {
      EXPECT_EQ(record.partition, PartitionForKey(record.key, 4));
      schemas::Purchase purchase;
      ASSERT_TRUE(purchase.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())));
      const int line = std::stoi(purchase.event_id().substr(9));
      EXPECT_GT(line, std::exchange(last_line.at(static_cast<size_t>(record.partition)), line));
      ++count;
    }
  }
  EXPECT_EQ(count, kRows);
}

TEST_F(SliceTest, DeadLettersGoBackWhereTheyCameFrom) {
  schemas::Click click;
  click.set_event_id("e1");
  click.set_user_id("ann");
  click.set_design_id("d1");
  click.set_occurred_at_ms(5);
  schemas::OutgoingRecord letter;
  letter.topic = "dead-letters";
  letter.key = "bob";
  letter.value = click.SerializeAsString();
  letter.headers = {{"source_topic", "clicks"}, {"source_partition", "0"}, {"source_offset", "1"}, 
                    {"rule", "wrong_partition"}, {"message", "m"}};
  schemas::OutgoingRecord hopeless = letter;
  hopeless.value = "\xff\xff";
  {
    const auto log = Open(OpenedLog::Access::kWrite);
    ASSERT_THAT(log, IsOk());
    const auto writer = (*log)->log().OpenWriter();
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT((*writer)->Append({letter, hopeless}), IsOk());
    const auto input = DeadLetterInput::Open((*log)->log(), {}, clock_);
    ASSERT_THAT(input, IsOk());
    const auto summary = Send(**input, **log);
    ASSERT_THAT(summary, IsOk());
    EXPECT_EQ(summary->lines, 2U);
    EXPECT_EQ(summary->bad_lines, 1U);
  }
  EXPECT_THAT(TailJson("clicks"), ElementsAre(R"({"event_id":"e1","user_id":"ann","design_id":"d1","occurred_at_ms":5})"));

  std::string printed;
  for (const std::string& line : TailJson("dead-letters")) printed += line + "\n";
  InputOptions options;
  options.path = Write("letters.jsonl", printed);
  options.dead_letters = true;
  const auto summary = ReplayFile(options);
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->bad_lines, 1U);
  EXPECT_EQ(TailJson("clicks").size(), 2U);
}

TEST_F(SliceTest, TailRunsBesideTheOneThatWrites) {
  const auto log = Open(OpenedLog::Access::kWrite);
  ASSERT_THAT(log, IsOk());
  const auto input = OpenInput(RentalOptions(Write("rent.tsv", Rentals())), {}, clock_, {});
  ASSERT_THAT(input, IsOk());
  ASSERT_THAT(Send(**input, **log), IsOk());
  EXPECT_EQ(TailJson("purchases").size(), 3000U);
}

// Asks to stop once it has seen a text.
class StopAt final : public std::stringbuf {
 public:
  StopAt(std::string text, std::stop_source stop) : text_(std::move(text)), stop_(std::move(stop)) {}
  int sync() override {
    if (str().find(text_) != std::string::npos) stop_.request_stop();
    return 0;
  }

 private:
  std::string text_;
  std::stop_source stop_;
};

TEST_F(SliceTest, TailFollowsAFolderThatIsWrittenTo) {
  const auto log = Open(OpenedLog::Access::kWrite);
  ASSERT_THAT(log, IsOk());
  const auto writer = (*log)->log().OpenWriter();
  ASSERT_THAT(writer, IsOk());
  const auto append = [&](const std::string& id) {
    schemas::OutgoingRecord record;
    record.topic = "clicks";
    record.key = "ann";
    schemas::Click click;
    click.set_event_id(id);
    record.value = click.SerializeAsString();
    EXPECT_THAT((*writer)->Append({record}), IsOk());
  };
  append("first");
  std::stop_source stop;
  StopAt buffer("second", stop);
  std::ostream out(&buffer);
  int opened = 0;
  // What is written between one look and the next is seen by the next.
  Tail tail({.topic = "clicks", .from_beginning = true, .until_end = false, .json = true}, {},
            [&] {
              if (++opened == 2) append("second");
              return Open(OpenedLog::Access::kRead);
            },
            true, out);
  EXPECT_THAT(tail.Run(stop.get_token()), IsOk());
  const std::string text = buffer.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
  EXPECT_LT(text.find("first"), text.find("second"));
}

TEST_F(SliceTest, SaysWhatIsMissing) {
  EXPECT_THAT(Open(OpenedLog::Access::kRead), HasCode(Code::kNotFound));
  ASSERT_THAT(Open(OpenedLog::Access::kWrite), IsOk());
  std::ostringstream out;
  Tail tail({.topic = "nowhere", .from_beginning = true, .until_end = true, .json = false}, {},
            [this] { return Open(OpenedLog::Access::kRead); }, true, out);
  const Status status = tail.Run({});
  EXPECT_THAT(status, HasCode(Code::kNotFound));
  EXPECT_THAT(status, tests::HasMessage(HasSubstr("catwalk topics")));
}

TEST_F(SliceTest, RefusesAFolderInUse) {
  const auto log = Open(OpenedLog::Access::kWrite);
  ASSERT_THAT(log, IsOk());
  EXPECT_THAT(Open(OpenedLog::Access::kWrite), HasCode(Code::kLocked));
}

TEST_F(SliceTest, SaysThatADelimitedFileNeedsAMap) {
  InputOptions options;
  options.path = Write("rent.tsv", Rentals());
  const auto summary = ReplayFile(options);
  EXPECT_THAT(summary, HasCode(Code::kInvalidArgument));
  EXPECT_THAT(summary, tests::HasMessage(HasSubstr("--map")));
}

}  // namespace
}  // namespace catwalk::apps
