#pragma once

#include <cstdint>
#include <filesystem>

namespace catwalk::state {

/// Bytes of memory this process may use: the smallest limit of its cgroup and those above it (v2 or v1), at most the
/// machine's memory; 0 if nothing of this can be read. `root`: where proc/ and sys/ are.
uint64_t MemoryLimit(const std::filesystem::path& root = "/");

/// Bytes of memory that this process has in use (its resident set); 0 if that cannot be read.
uint64_t ResidentMemory(const std::filesystem::path& root = "/");

/// The store's share of a limit: a quarter, at most 512 MiB, at least 32 MiB.
uint64_t DefaultStoreMemory(uint64_t memory_limit);

}  // namespace catwalk::state
