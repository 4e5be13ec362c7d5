#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "tests/integration/installation.h"
#include "tests/integration/sample_data.h"

namespace catwalk::tests {
namespace {

constexpr int kRows = 5'000;

int Kills() { return std::getenv("CATWALK_TEST_LONG") == nullptr ? 4 : 10; }

class CrashTest : public ::testing::TestWithParam<bool> {
 protected:
  std::string Bootstrap() const { return GetParam() ? SharedKafka() : ""; }
};

INSTANTIATE_TEST_SUITE_P(OnEachLog, CrashTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Kafka" : "Embedded"; });

std::map<std::string, std::string> UndisturbedUsers(const std::string& file) {
  Installation undisturbed("");
  undisturbed.Replay(file, RentalFlags());
  undisturbed.RunToEnd();
  return undisturbed.Users();
}

TEST_P(CrashTest, KilledAtRandomPointsLosesAndDoublesNothing) {
  Installation installation(Bootstrap());
  installation.Configure("users:\n  commit_records: 50\n");
  const std::string file = installation.dir() / "rentals.tsv";
  WriteRentals(file, kRows);
  installation.Replay(file, RentalFlags());
  std::mt19937 random(GetParam() ? 1 : 2);
  for (int kill = 0; kill < Kills(); ++kill) {
    const auto process = installation.Start({"--workers", "2"});
    ASSERT_TRUE(Eventually([&] { return installation.ErrorsOf(0).find("running on") != std::string::npos; })) << installation.ErrorsOf(0);
    EXPECT_EQ(process->Wait(std::chrono::milliseconds(20 + random() % 400)), std::nullopt) << installation.ErrorsOf(0);
    process->Kill();
  }
  installation.RunToEnd();
  EXPECT_EQ(DistinctEvents(installation.Lists()).size(), static_cast<size_t>(kRows));
  ExpectSameRows(installation.Users(), UndisturbedUsers(file));
}

TEST(Restore, BringsBackALostStateFolderFromTheChangelog) {
  Installation installation(SharedKafka());
  const std::string file = installation.dir() / "rentals.tsv";
  WriteRentals(file, kRows);
  installation.Replay(file, RentalFlags());
  installation.RunToEnd();
  const auto users = installation.Users();
  std::filesystem::remove_all(installation.StateDir());
  const Ended restored = installation.Run("run", {"--until-end"});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_NE(restored.err.find("(in full)"), std::string::npos) << restored.err;
  ExpectSameRows(installation.Users(), users);
  EXPECT_EQ(DistinctEvents(installation.Lists()).size(), static_cast<size_t>(kRows));
  const Ended again = installation.Run("run", {"--until-end"});
  EXPECT_NE(again.err.find("restored, replayed 0 changelog records"), std::string::npos) << again.err;
}

}  // namespace
}  // namespace catwalk::tests
