#include "tests/testing/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kLong{30};

std::string Contents(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::unique_ptr<Process> Launch(ProcessOptions options) {
  Result<std::unique_ptr<Process>> process = Process::Start(options);
  EXPECT_THAT(process, IsOk());
  return std::move(process).value();
}

std::unique_ptr<Process> Shell(const std::string& script, const TempDir& dir) {
  return Launch({.args = {"sh", "-c", script}, .env = {}, .stdout_file = dir / "out", .stderr_file = dir / "err"});
}

/// A child that has printed "ready", so its traps are set.
std::unique_ptr<Process> ReadyShell(const std::string& script, const TempDir& dir) {
  std::unique_ptr<Process> process = Shell(script, dir);
  while (Contents(dir / "out") != "ready\n" && !process->Wait(milliseconds(5))) {
  }
  return process;
}

bool Exists(pid_t pid) { return kill(pid, 0) == 0 || errno != ESRCH; }

TEST(Process, GivesTheExitCodeAsOftenAsAsked) {
  const TempDir dir;
  const auto process = Shell("exit 7", dir);
  EXPECT_EQ(process->Wait(kLong), 7);
  EXPECT_EQ(process->Wait(milliseconds(0)), 7);
}

TEST(Process, KeepsOutputAndErrorsApart) {
  const TempDir dir;
  EXPECT_EQ(Shell("echo said; echo moaned >&2", dir)->Wait(kLong), 0);
  EXPECT_EQ(Contents(dir / "out"), "said\n");
  EXPECT_EQ(Contents(dir / "err"), "moaned\n");
}

TEST(Process, AddsToTheEnvironmentAndReplacesInIt) {
  const TempDir dir;
  const std::vector<std::string> args = {"sh", "-c", "echo \"$CATWALK_A $HOME ${PATH:+kept}\""};
  const auto process = Launch({.args = args,
                            .env = {{"CATWALK_A", "one=two"}, {"HOME", "nowhere"}},
                            .stdout_file = dir / "out",
                            .stderr_file = {}});
  EXPECT_EQ(process->Wait(kLong), 0);
  EXPECT_EQ(Contents(dir / "out"), "one=two nowhere kept\n");
}

TEST(Process, PassesArgumentsAsTheyAre) {
  const TempDir dir;
  const auto process = Launch({.args = {"printf", "%s|", "a b", "$HOME", ""}, .env = {}, .stdout_file = dir / "out",
                            .stderr_file = {}});
  EXPECT_EQ(process->Wait(kLong), 0);
  EXPECT_EQ(Contents(dir / "out"), "a b|$HOME||");
}

TEST(Process, SaysWhenTheProgramCannotBeRun) {
  EXPECT_THAT(Process::Start({.args = {"no-such-program-here"}, .env = {}, .stdout_file = {}, .stderr_file = {}}),
              HasCode(Code::kNotFound));
  EXPECT_THAT(Process::Start({.args = {}, .env = {}, .stdout_file = {}, .stderr_file = {}}),
              HasCode(Code::kInvalidArgument));
}

TEST(Process, WaitEndsAtItsDeadline) {
  const TempDir dir;
  const auto process = Shell("exec sleep 600", dir);
  EXPECT_EQ(process->Wait(milliseconds(10)), std::nullopt);
  EXPECT_EQ(process->Kill(), 128 + SIGKILL);
}

TEST(Process, TerminateLetsTheChildCleanUp) {
  const TempDir dir;
  const auto process =
      ReadyShell("trap 'kill $!; exit 3' TERM; sleep 600 & echo ready; wait", dir);
  EXPECT_EQ(process->Terminate(kLong), 3);
}

TEST(Process, TerminateKillsAChildThatDoesNotListen) {
  const TempDir dir;
  const auto process = ReadyShell("trap '' TERM; echo ready; exec sleep 600", dir);
  EXPECT_EQ(process->Terminate(milliseconds(50)), 128 + SIGKILL);
}

TEST(Process, KillsItsChildWhenItGoes) {
  const TempDir dir;
  auto process = Shell("exec sleep 600", dir);
  const pid_t pid = process->pid();
  EXPECT_TRUE(Exists(pid));
  process.reset();
  EXPECT_FALSE(Exists(pid));
}

TEST(Process, SignalsReachTheChild) {
  const TempDir dir;
  const auto process = ReadyShell("trap 'kill $!; exit 5' USR1; sleep 600 & echo ready; wait", dir);
  process->Signal(SIGUSR1);
  EXPECT_EQ(process->Wait(kLong), 5);
}

}  // namespace
}  // namespace catwalk::tests
