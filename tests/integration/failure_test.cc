#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

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

TEST(Failure, OfAStandbyWithoutOtherProcessesSaysWhatItTakes) {
  const TempDir dir;
  const std::string config = WriteConfig(dir, "run:\n  standby: 1\n");
  ExpectFailure(RunProgram({"run", "-c", config, "--state-dir", dir / "s"}), 3, AllOf(HasSubstr("run.standby"), HasSubstr("kafka.bootstrap")));
}

TEST(Failure, OfAnUnknownKeyNamesTheNearest) {
  const TempDir dir;
  const std::string config = WriteConfig(dir, "users:\n  comit_interval_ms: 2\n");
  ExpectFailure(RunProgram({"run", "-c", config, "--state-dir", dir / "s"}), 3,
                AllOf(HasSubstr("c.yaml:2"), HasSubstr("users.commit_interval_ms")));
}

/// Starts with its state on a file system of 96 MiB that only it sees; null if none can be mounted here.
std::unique_ptr<Process> StartOnSmallDisk(const Installation& installation) {
  std::filesystem::create_directory(installation.StateDir());
  auto process = installation.Start({}, 0, {"unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=96m tmpfs \"$0\" && exec \"$@\"",
                                            installation.StateDir()});
  const bool runs = Eventually([&] {
    return process->Wait(std::chrono::milliseconds(0)) || installation.ErrorsOf(0).find("running on") != std::string::npos;
  });
  EXPECT_TRUE(runs);
  if (installation.ErrorsOf(0).find("running on") == std::string::npos) process.reset();
  return process;
}

void PostClicks(const std::string& url, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i)
    lines += R"({"event_id":"e)" + std::to_string(i) + R"(","user_id":"ann","design_id":"d1","occurred_at_ms":1690000000000})" + "\n";
  Fetch(url + "/v1/events/clicks", {"--data-binary", lines});
}

TEST(Failure, OfAFullDiskIsToldAndMendsItselfOnceThereIsRoom) {
  Installation installation(SharedKafka());
  installation.Configure("state:\n  memory_bytes: 33554432\n");
  const auto process = StartOnSmallDisk(installation);
  if (process == nullptr) GTEST_SKIP() << "no small file system can be mounted here: " << installation.ErrorsOf(0);
  const std::string url = installation.Url();
  ASSERT_TRUE(Eventually([&] { return Fetch(url + "/ready").find("true") != std::string::npos; })) << Fetch(url + "/ready");

  const std::string ballast = "/proc/" + std::to_string(process->pid()) + "/root" + installation.StateDir() + "/ballast";
  FillUp(ballast);
  PostClicks(url, 10);
  EXPECT_TRUE(Eventually([&] {
    const std::string answer = Fetch(url + "/ready");
    return answer.find("free some space") != std::string::npos && answer.find("false") != std::string::npos;
  })) << Fetch(url + "/ready");
  EXPECT_FALSE(process->Wait(std::chrono::milliseconds(0)));

  std::filesystem::remove(ballast);
  EXPECT_TRUE(Eventually([&] { return Fetch(url + "/ready").find("true") != std::string::npos; })) << Fetch(url + "/ready");
  EXPECT_TRUE(Eventually([&] { return installation.Lists().size() >= 10; })) << installation.ErrorsOf(0);
  EXPECT_EQ(DistinctEvents(installation.Lists()).size(), 10U);
  EXPECT_EQ(process->Terminate(std::chrono::seconds(5)), 0);
}

}  // namespace
}  // namespace catwalk::tests
