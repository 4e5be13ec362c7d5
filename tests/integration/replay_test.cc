#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/integration/installation.h"
#include "tests/integration/sample_data.h"

namespace catwalk::tests {
namespace {

constexpr int kRows = 5'000;

/// Which log a test runs on.
class ReplayTest : public ::testing::TestWithParam<bool> {
 protected:
  std::string Bootstrap() const { return GetParam() ? SharedKafka() : ""; }
};

INSTANTIATE_TEST_SUITE_P(OnEachLog, ReplayTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Kafka" : "Embedded"; });

/// The states of users after a replay of the sample on the embedded log with other batches: what every other run must give.
const std::map<std::string, std::string>& ExpectedUsers(const std::string& file) {
  static const std::map<std::string, std::string> users = [&] {
    Installation other("");
    other.Configure("users:\n  commit_records: 7\n  workers: 3\n");
    other.Replay(file, RentalFlags());
    other.RunToEnd();
    return other.Users();
  }();
  return users;
}

TEST_P(ReplayTest, GivesOneListPerRentalAndTheSameUsersWhateverTheLogAndTheBatches) {
  Installation installation(Bootstrap());
  // So few rentals are over before the usual 100 ms: many small transactions leave the designs time to publish.
  installation.Configure("users:\n  commit_records: 50\ndesigns:\n  commit_interval_ms: 5\n  commit_backlog_interval_ms: 5\n");
  const std::string file = installation.dir() / "rentals.tsv";
  WriteRentals(file, kRows);
  installation.Replay(file, RentalFlags());
  installation.RunToEnd();
  const auto lists = installation.Lists();
  EXPECT_EQ(DistinctEvents(lists).size(), static_cast<size_t>(kRows));
  const auto fresh = std::count_if(lists.begin(), lists.end(), [](const auto& list) { return list.factors_offset() > 0; });
  EXPECT_GT(fresh, kRows / 4);  // of all 192,544 it is nearly every one, see docs/benchmarks.md
  ExpectSameRows(installation.Users(), ExpectedUsers(file));
  EXPECT_GT(installation.EndOf("trends"), 0);
  EXPECT_GT(installation.EndOf("lineage"), 0);
}

TEST_P(ReplayTest, GoesOnWhereItEnded) {
  Installation installation(Bootstrap());
  const std::string file = installation.dir() / "rentals.tsv";
  WriteRentals(file, 500);
  installation.Replay(file, RentalFlags());
  installation.RunToEnd();
  installation.RunToEnd();
  EXPECT_EQ(installation.Lists().size(), 500U);
  installation.Replay(file, RentalFlags());  // the same event ids again
  installation.RunToEnd();
  EXPECT_EQ(DistinctEvents(installation.Lists()).size(), 500U);
}

TEST(DeadLetters, ComeBackRepaired) {
  Installation installation(SharedKafka());
  schemas::OutgoingRecord broken;
  broken.topic = "clicks";
  broken.key = "ann";
  broken.value = R"({"event_id":"e1","user_id":"ann","design_id":"d1","occurred_at_ms":-5})";
  installation.Append({broken});
  installation.RunToEnd();
  EXPECT_TRUE(installation.Lists().empty());
  Ended tailed = installation.Run("tail", {installation.TopicName("dead-letters"), "--from-beginning", "--until-end", "--json"});
  ASSERT_THAT(tailed.out, ::testing::HasSubstr("time_not_positive"));
  const auto at = tailed.out.rfind("-5");  // the value comes last
  ASSERT_NE(at, std::string::npos);
  tailed.out.replace(at, 2, "1690000000000");
  const std::string file = installation.dir() / "letters.jsonl";
  std::ofstream(file) << tailed.out;
  const Ended replayed = installation.Run("replay", {"--from-dead-letters", file});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.err;
  installation.RunToEnd();
  EXPECT_EQ(DistinctEvents(installation.Lists()), std::set<std::string>{"e1"});
}

TEST(ReplayMixture, OnTwoProcessesLosesAndDoublesNothing) {
  Installation installation(SharedKafka());
  const auto mixture = MakeMixture(3, 20'000, 300);
  const auto a = installation.Start({}, 0);
  const auto b = installation.Start({}, 1);
  installation.Append(mixture.records);
  EXPECT_TRUE(Eventually([&] { return installation.EndOf("recommendations") > 0 && installation.ValuesOf("recommendations").size() >= mixture.wanted.size(); }));
  EXPECT_EQ(a->Terminate(std::chrono::seconds(6)), 0) << installation.ErrorsOf(0);
  EXPECT_EQ(b->Terminate(std::chrono::seconds(6)), 0) << installation.ErrorsOf(1);
  EXPECT_EQ(DistinctEvents(installation.Lists()), mixture.wanted);
  EXPECT_EQ(installation.ValuesOf("dead-letters").size(), static_cast<size_t>(mixture.garbage));
}

}  // namespace
}  // namespace catwalk::tests
