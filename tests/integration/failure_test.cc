#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/integration/installation.h"

namespace catwalk::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The last line of what went wrong; the ones before it may be logs.
std::string LastLine(const Ended& ended) {
  std::string text = ended.err;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto newline = text.rfind('\n');
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

void ExpectFailure(const Ended& ended, int exit_code, const ::testing::Matcher<std::string>& message) {
  EXPECT_EQ(ended.exit_code, exit_code) << ended.err;
  EXPECT_THAT(LastLine(ended), AllOf(StartsWith("catwalk: "), message));
}

std::string WriteConfig(const TempDir& dir, const std::string& yaml) {
  std::ofstream(dir / "c.yaml") << yaml;
  return dir / "c.yaml";
}

TEST(Failure, OfAnUnreachableBrokerSaysWhatToCheck) {
  const TempDir dir;
  const std::string config = WriteConfig(dir, "kafka:\n  request_timeout_ms: 1000\n");
  ExpectFailure(RunProgram({"run", "-c", config, "--kafka", "127.0.0.1:1", "--state-dir", dir / "s"}), 4,
                AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("check --kafka")));
}

TEST(Failure, OfMissingTopicsSaysHowToMakeThem) {
  const TempDir dir;
  const std::string config = WriteConfig(dir, "topics:\n  clicks: nowhere-to-be-found\n");
  ExpectFailure(RunProgram({"run", "-c", config, "--kafka", SharedKafka(), "--state-dir", dir / "s"}), 15,
                AllOf(HasSubstr("nowhere-to-be-found"), HasSubstr("catwalk topics --create")));
}

TEST(Failure, OfUnequalPartitionCountsNamesBothTopics) {
  Installation four(SharedKafka(), 4);
  Installation two(SharedKafka(), 2);
  const std::string config = two.dir() / "mixed.yaml";
  std::ifstream in(two.config_file());
  std::ofstream out(config);
  for (std::string line; std::getline(in, line);) {
    out << (line.starts_with("  purchases:") ? "  purchases: " + four.TopicName("purchases") : line) << '\n';
  }
  out.close();
  ExpectFailure(RunProgram({"run", "-c", config, "--kafka", SharedKafka(), "--state-dir", two.StateDir()}), 5,
                AllOf(HasSubstr(four.TopicName("purchases") + " has 4"), HasSubstr(" has 2")));
}

TEST(Failure, OfALockedStateFolderSaysWhoMayHaveIt) {
  Installation installation("");
  const auto running = installation.Start();
  ASSERT_TRUE(Eventually([&] { return installation.ErrorsOf(0).find("running on") != std::string::npos; }));
  ExpectFailure(installation.Run("run", {"--until-end"}), 6, HasSubstr("--state-dir"));
  EXPECT_EQ(running->Terminate(std::chrono::seconds(5)), 0);
}

TEST(Failure, OfAPortInUseNamesIt) {
  Installation first(""), second("");
  const auto running = first.Start();
  ASSERT_TRUE(Eventually([&] { return first.ErrorsOf(0).find("HTTP on http://") != std::string::npos; }));
  const std::string errors = first.ErrorsOf(0);
  const auto at = errors.find("http://") + 7;
  const std::string address = errors.substr(at, errors.find('\n', at) - at);
  ExpectFailure(second.Run("run", {"--http", address}), 9, HasSubstr(address.substr(address.find(':') + 1)));
}

TEST(Failure, OfAMalformedConfigurationNamesTheLine) {
  const TempDir dir;
  const std::string config = WriteConfig(dir, "users:\n  workers: 2\n  list_size: [1, 2\n");
  ExpectFailure(RunProgram({"run", "-c", config, "--state-dir", dir / "s"}), 3, HasSubstr("c.yaml:"));
}

TEST(Failure, OfAnUnknownKeyNamesTheNearest) {
  const TempDir dir;
  const std::string config = WriteConfig(dir, "users:\n  comit_interval_ms: 2\n");
  ExpectFailure(RunProgram({"run", "-c", config, "--state-dir", dir / "s"}), 3,
                AllOf(HasSubstr("c.yaml:2"), HasSubstr("users.commit_interval_ms")));
}

}  // namespace
}  // namespace catwalk::tests
