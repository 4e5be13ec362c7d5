#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "state/database.h"
#include "state/memory_database.h"
#include "state/rocksdb_database.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::state {

/// The implementations that the contract suites run over.
enum class DatabaseKind { kRocksDb, kMemory };

inline void PrintTo(DatabaseKind kind, std::ostream* out) {
  *out << (kind == DatabaseKind::kRocksDb ? "RocksDb" : "Memory");
}

inline std::string KindName(const testing::TestParamInfo<DatabaseKind>& info) {
  return testing::PrintToString(info.param);
}

inline std::unique_ptr<Database> MakeDatabase(DatabaseKind kind, const tests::TempDir& folder) {
  if (kind == DatabaseKind::kMemory) return MakeMemoryDatabase();
  auto opened = OpenRocksDb({.path = folder.path(), .memory_bytes = 32 << 20});
  EXPECT_TRUE(opened.ok()) << opened.status();
  return std::move(opened).value();
}

}  // namespace catwalk::state
