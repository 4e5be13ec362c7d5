#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "state/rocksdb_database.h"
#include "tests/state/temporary_folder.h"

namespace catwalk::state {
namespace {

void WriteFile(const char* name, const std::string& text) { std::ofstream(name) << text; }

/// Goes to a namespace where a file system of 24 MiB can be mounted at `folder`, as root or as anyone; false if this
/// machine allows neither.
bool MountSmallDisk(const std::filesystem::path& folder) {
  const auto user = std::to_string(getuid());
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    WriteFile("/proc/self/uid_map", "0 " + user + " 1");
  }
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=24m") == 0;
}

constexpr int kPassed = 0;
constexpr int kNotPossible = 77;

[[noreturn]] void Fail(const std::string& what, const Status& status) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::string(status.message()).c_str());
  std::_Exit(1);
}

Status Put(Database& database, int number, size_t bytes) {
  WriteBatch batch;
  batch.Put(database.OpenStore("users").value(), std::to_string(number), std::string(bytes, 'a'));
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

/// In a process of its own.
[[noreturn]] void RunOutOfSpace(const std::filesystem::path& folder) {
  if (!MountSmallDisk(folder)) std::_Exit(kNotPossible);
  { if (const Status made = Put(*Open(folder), 0, 100); !made.ok()) Fail("first write", made); }
  auto database = Open(folder);
  FillDisk(folder / "ballast");
  int number = 1;
  Status status;
  while (status.ok()) status = Put(*database, number++, 10'000);
  const int refused = number - 1;
  if (status.code() != Code::kNoSpace || !status.retryable()) Fail("not told that the disk is full", status);
  if (status = Put(*database, refused, 10'000); status.code() != Code::kNoSpace) Fail("still full", status);
  if (Has(*database, refused)) Fail("a refused write was applied", status);

  std::filesystem::remove(folder / "ballast");
  while ((status = Put(*database, refused, 10'000)).retryable()) {
  }
  if (!status.ok()) Fail("did not go on with space", status);
  if (status = Put(*database, number, 100); !status.ok()) Fail("next write", status);
  database.reset();
  database = Open(folder);
  for (int i = 0; i <= number; ++i) {
    if (!Has(*database, i)) Fail("lost " + std::to_string(i) + " of " + std::to_string(number), status);
  }
  std::_Exit(kPassed);
}

TEST(FullDiskDeathTest, IsSaidAndGotOverWhenThereIsSpaceAgain) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  TemporaryFolder folder;
  bool possible = true;
  const auto passed = [&](int status) {
    possible = !WIFEXITED(status) || WEXITSTATUS(status) != kNotPossible;
    return !possible || (WIFEXITED(status) && WEXITSTATUS(status) == kPassed);
  };
  EXPECT_EXIT(RunOutOfSpace(folder.path()), passed, "");
  if (!possible) GTEST_SKIP() << "no small file system can be mounted here";
}

}  // namespace
}  // namespace catwalk::state
