#include "state/memory_limit.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/testing/temp_dir.h"

namespace catwalk::state {
namespace {

class MemoryLimitTest : public testing::Test {
 protected:
  void Write(const std::string& file, const std::string& text) {
    const auto path = folder_.path() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  void MachineHas(int kibibytes) {
    Write("proc/meminfo", "MemTotal: " + std::to_string(kibibytes) + " kB\nMemFree: 1 kB\n");
  }
  uint64_t Limit() const { return MemoryLimit(folder_.path()); }

  tests::TempDir folder_;
};

TEST_F(MemoryLimitTest, IsZeroWhenNothingCanBeRead) { EXPECT_EQ(Limit(), 0U); }

TEST_F(MemoryLimitTest, IsTheMachinesMemoryWithoutAGroup) {
  MachineHas(4096);
  EXPECT_EQ(Limit(), 4096U * 1024);
}

TEST_F(MemoryLimitTest, ReadsVersionTwoOfTheGroupItself) {
  MachineHas(1 << 20);
  Write("proc/self/cgroup", "0::/pod/one\n");
  Write("sys/fs/cgroup/pod/one/memory.max", "5000000\n");
  Write("sys/fs/cgroup/pod/memory.max", "max\n");
  EXPECT_EQ(Limit(), 5'000'000U);
}

TEST_F(MemoryLimitTest, TakesTheSmallestLimitOfTheGroupsAbove) {
  MachineHas(1 << 20);
  Write("proc/self/cgroup", "0::/pod/one\n");
  Write("sys/fs/cgroup/pod/one/memory.max", "max\n");
  Write("sys/fs/cgroup/pod/memory.max", "4000000\n");
  EXPECT_EQ(Limit(), 4'000'000U);
}

TEST_F(MemoryLimitTest, ReadsTheRootOfAContainersOwnNamespace) {
  MachineHas(1 << 20);
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", "3000000\n");
  EXPECT_EQ(Limit(), 3'000'000U);
}

TEST_F(MemoryLimitTest, ReadsVersionOne) {
  MachineHas(1 << 20);
  Write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:hugetlb,memory:/x\n0::/\n");
  Write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "2000000\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Limit(), 2'000'000U);
}

TEST_F(MemoryLimitTest, IsNeverMoreThanTheMachineHas) {
  MachineHas(1024);
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", "3000000000\n");
  EXPECT_EQ(Limit(), 1024U * 1024);
}

TEST(ResidentMemory, GrowsWithWhatIsTouched) {
  const uint64_t before = ResidentMemory();
  const std::string touched(64 << 20, 'x');
  EXPECT_GT(ResidentMemory(), before + (32U << 20)) << touched.size();
}

TEST_F(MemoryLimitTest, ResidentIsZeroWhenItCannotBeRead) { EXPECT_EQ(ResidentMemory(folder_.path()), 0U); }

TEST(DefaultStoreMemory, IsAQuarterWithinBounds) {
  constexpr uint64_t kMiB = 1 << 20;
  EXPECT_EQ(DefaultStoreMemory(0), 32 * kMiB);
  EXPECT_EQ(DefaultStoreMemory(400 * kMiB), 100 * kMiB);
  EXPECT_EQ(DefaultStoreMemory(64 * 1024 * kMiB), 512 * kMiB);
}

}  // namespace
}  // namespace catwalk::state
