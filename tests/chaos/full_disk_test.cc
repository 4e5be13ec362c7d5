// The disk of the state is full when the process is killed, and when it starts.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "base/exit_code.h"
#include "tests/chaos/judged_installation.h"

namespace catwalk::chaos {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::Eventually;
using tests::Process;

/// A file system of 256 MiB, mounted where only a process of its own sees it, and reached by way of that one.
class SmallDisk {
 public:
  /// `at`: an empty folder.
  explicit SmallDisk(const fs::path& at) {
    auto started = Process::Start({.args = {"unshare", "-rm", "sh", "-c",
                                            "mount -t tmpfs -o size=256m tmpfs \"$0\" && touch \"$0/mounted\" && exec sleep 3600", at.string()},
                                   .env = {},
                                   .stdout_file = {},
                                   .stderr_file = {}});
    if (!started.ok()) return;
    holder_ = std::move(*started);
    path_ = fs::path("/proc") / std::to_string(holder_->pid()) / "root" / at.relative_path();
    mounted_ = Eventually([&] { return holder_->Wait(milliseconds(0)) || fs::exists(path_ / "mounted"); }) && fs::exists(path_ / "mounted");
  }

  bool mounted() const { return mounted_; }
  const fs::path& path() const { return path_; }
  /// Takes all the room there is.
  void FillUp() const { tests::FillUp(path_ / "ballast"); }
  void Free() const { fs::remove(path_ / "ballast"); }

 private:
  std::unique_ptr<Process> holder_;
  fs::path path_;
  bool mounted_ = false;
};

class FullDisk : public ::testing::TestWithParam<bool> {
 protected:
  FullDisk() { LimitPatience(); }

  /// Says so at /ready, or ends with its code, where something is left to write.
  bool Tells(Process& process) const {
    const auto& installation = judged_.installation();
    (void)Eventually([&] {
      if (process.Wait(milliseconds(0))) return true;
      const bool serves = installation.ErrorsOf(0).find("HTTP on ") != std::string::npos;
      return serves && tests::Fetch(installation.Url() + "/ready").find("free some space") != std::string::npos;
    }, seconds(3));
    const auto code = process.Wait(milliseconds(0));
    EXPECT_EQ(code.value_or(ExitCode(Code::kNoSpace)), ExitCode(Code::kNoSpace)) << installation.ErrorsOf(0);
    return code ? *code == ExitCode(Code::kNoSpace) : tests::Fetch(installation.Url() + "/ready").find("free some space") != std::string::npos;
  }
  milliseconds AMoment() { return milliseconds(random_() % 150); }

  std::mt19937 random_{31};
  JudgedInstallation judged_{31, GetParam() ? tests::SharedKafka() : std::string()};
};

INSTANTIATE_TEST_SUITE_P(On, FullDisk, ::testing::Values(false, true), [](const auto& test) { return test.param ? "Kafka" : "EmbeddedLog"; });

TEST_P(FullDisk, WhereItIsKilledAndStartedLosesNothing) {
  const fs::path folder = judged_.installation().dir() / "disk";
  fs::create_directory(folder);
  const SmallDisk disk(folder);
  if (!disk.mounted()) GTEST_SKIP() << "no small file system can be mounted here";
  fs::create_directory(disk.path() / "state");
  fs::create_directory_symlink(disk.path() / "state", judged_.StateDir());
  judged_.Configure("state.memory_bytes: 33554432\n");

  int told = 0, refused = 0;
  constexpr int kLives = 8;
  for (int life = 0; life < kLives; ++life) {
    judged_.Append(GetParam() ? 400 : 1'500);  // more than is worked off before the disk is full
    {
      const auto process = judged_.StartFirst();
      std::this_thread::sleep_for(AMoment());
      disk.FillUp();
      told += Tells(*process);
      if (life % 2 == 0) disk.Free();  // it goes on, and is killed all the same
      std::this_thread::sleep_for(AMoment());
      process->Kill();
    }
    if (life % 2 != 0) {
      const auto process = judged_.installation().Start({}, 0);
      refused += Tells(*process);
    }
    disk.Free();
  }
  std::cout << "a full disk was told of in " << told << " of " << kLives << " lives, and at " << refused << " of " << kLives / 2 << " starts\n";
  EXPECT_GT(told, 0);
  EXPECT_GE(told + refused, kLives / 2);
  CrashTally tally;
  judged_.EndAndJudge(&tally);
}

}  // namespace
}  // namespace catwalk::chaos
