#include "state/memory_limit.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

#include <unistd.h>

namespace catwalk::state {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kNone = std::numeric_limits<uint64_t>::max();

/// The number a file starts with; kNone for "max" and for no file.
uint64_t ReadNumber(const fs::path& file) {
  std::ifstream in(file);
  uint64_t number = 0;
  return in >> number ? number : kNone;
}

/// The smallest limit from the group up to the mount point.
uint64_t SmallestLimit(const fs::path& mount, fs::path group, const char* file) {
  uint64_t limit = ReadNumber(mount / file);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) {
    limit = std::min(limit, ReadNumber(mount / group / file));
  }
  return limit;
}

/// One line of /proc/self/cgroup, "number:controllers:/group"; v2 has no controllers in it.
uint64_t LimitOfLine(const fs::path& root, std::string_view line) {
  const size_t first = line.find(':');
  const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return kNone;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  const fs::path group = line.substr(second + 1);
  const fs::path mount = root / "sys/fs/cgroup";
  if (controllers.empty()) return SmallestLimit(mount, group, "memory.max");
  const std::string listed = "," + std::string(controllers) + ",";
  if (listed.find(",memory,") == std::string::npos) return kNone;
  return SmallestLimit(mount / "memory", group, "memory.limit_in_bytes");
}

uint64_t CgroupLimit(const fs::path& root) {
  uint64_t limit = kNone;
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) limit = std::min(limit, LimitOfLine(root, line));
  return limit;
}

uint64_t MachineMemory(const fs::path& root) {
  std::ifstream in(root / "proc/meminfo");
  std::string name;
  uint64_t kibibytes = 0;
  return in >> name >> kibibytes && name == "MemTotal:" ? kibibytes * 1024 : kNone;
}

}  // namespace

uint64_t MemoryLimit(const fs::path& root) {
  const uint64_t limit = std::min(CgroupLimit(root), MachineMemory(root));
  return limit == kNone ? 0 : limit;
}

uint64_t ResidentMemory(const fs::path& root) {
  std::ifstream in(root / "proc/self/statm");
  uint64_t all = 0, resident = 0;
  return in >> all >> resident ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

uint64_t DefaultStoreMemory(uint64_t memory_limit) {
  return std::clamp<uint64_t>(memory_limit / 4, 32ULL << 20, 512ULL << 20);
}

}  // namespace catwalk::state
