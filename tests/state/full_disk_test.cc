#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "state/rocksdb_database.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::state {
namespace {

void WriteFile(const char* name, const std::string& text) { std::ofstream(name) << text; }

/// Goes to a namespace where a file system of 48 MiB can be mounted at `folder`, as root or as anyone; false if this
/// machine allows neither.
bool MountSmallDisk(const std::filesystem::path& folder) {
  const auto user = std::to_string(getuid());
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    WriteFile("/proc/self/uid_map", "0 " + user + " 1");
  }
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=48m") == 0;
}

constexpr int kPassed = 0;
constexpr int kNotPossible = 77;

[[noreturn]] void Fail(const std::string& what, const Status& status) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::string(status.message()).c_str());
  std::_Exit(1);
}

/// Writes 10 kB that do not compress.
Status Put(Database& database, int number) {
  std::mt19937 random(static_cast<uint32_t>(number));
  std::string value(10'000, '\0');
  for (char& byte : value) byte = static_cast<char>(random());
  WriteBatch batch;
  batch.Put(database.OpenStore("users").value(), std::to_string(number), value);
  return database.Write(batch);
}

bool Has(Database& database, int number) {
  std::string value;
  return database.Store(database.OpenStore("users").value()).Get(std::to_string(number), &value).value();
}

std::unique_ptr<Database> Open(const std::filesystem::path& folder) {
  auto opened = OpenRocksDb({.path = folder / "state", .memory_bytes = 32 << 20});
  if (!opened.ok()) Fail("open", opened.status());
  return std::move(opened).value();
}

/// Takes what is left of the disk.
void FillDisk(const std::filesystem::path& ballast) {
  const int file = open(ballast.c_str(), O_CREAT | O_WRONLY, 0600);
  const std::string block(4096, 'b');
  while (write(file, block.data(), block.size()) > 0) {
  }
  close(file);
}

void CheckHasAllBelow(const std::filesystem::path& folder, int number) {
  auto database = Open(folder);
  for (int i = 0; i < number; ++i) {
    if (!Has(*database, i)) Fail("lost " + std::to_string(i) + " of " + std::to_string(number), Status::Ok());
  }
}

/// Puts from `number` on; returns the first that was refused.
int PutUntilRefused(Database& database, int number, Status* refusal) {
  while ((*refusal = Put(database, number)).ok()) ++number;
  if (refusal->code() != Code::kNoSpace) Fail("not told that the disk is full", *refusal);
  return number;
}

/// The following run in processes of their own. Others fill the disk and make room again, three times; then we fill it.
[[noreturn]] void RunOutOfSpace(const std::filesystem::path& folder) {
  if (!MountSmallDisk(folder)) std::_Exit(kNotPossible);
  auto database = Open(folder);
  int number = 0;
  Status status;
  for (int round = 0; round < 3; ++round) {
    FillDisk(folder / "ballast");
    if (PutUntilRefused(*database, number, &status) != number) Fail("not refused", status);
    if (!status.retryable()) Fail("not to be tried again", status);
    if (Has(*database, number)) Fail("a refused write was applied", status);
    std::filesystem::remove(folder / "ballast");
    for (int i = 0; i < 100; ++i) {
      if (status = Put(*database, number++); !status.ok()) Fail("did not go on with space", status);
    }
  }
  number = PutUntilRefused(*database, number, &status);
  if (!status.retryable()) Fail("filled the disk up to the end", status);
  database.reset();
  CheckHasAllBelow(folder, number);
  std::_Exit(kPassed);
}

/// The log may not grow beyond 1 MiB, which nobody can foresee.
[[noreturn]] void FailInAWrite(const std::filesystem::path& folder) {
  auto database = Open(folder);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{.rlim_cur = 1 << 20, .rlim_max = limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  Status status;
  const int number = PutUntilRefused(*database, 0, &status);
  if (number == 0 || !status.fatal()) Fail("not told to start again", status);
  if (PutUntilRefused(*database, number, &status) != number) Fail("took a write after that", status);
  database.reset();

  setrlimit(RLIMIT_FSIZE, &limit);
  CheckHasAllBelow(folder, number);
  if (status = Put(*Open(folder), number); !status.ok()) Fail("did not go on when opened again", status);
  std::_Exit(kPassed);
}

class FullDiskDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  tests::TempDir folder_;
};

TEST_F(FullDiskDeathTest, RefusesWritesUntilThereIsRoomAgain) {
  bool possible = true;
  const auto passed = [&](int status) {
    possible = !WIFEXITED(status) || WEXITSTATUS(status) != kNotPossible;
    return !possible || (WIFEXITED(status) && WEXITSTATUS(status) == kPassed);
  };
  EXPECT_EXIT(RunOutOfSpace(folder_.path()), passed, "");
  if (!possible) GTEST_SKIP() << "no small file system can be mounted here";
}

TEST_F(FullDiskDeathTest, LosesNothingAcceptedWhenAWriteFailsHalfWay) {
  EXPECT_EXIT(FailInAWrite(folder_.path()), testing::ExitedWithCode(kPassed), "");
}

}  // namespace
}  // namespace catwalk::state
