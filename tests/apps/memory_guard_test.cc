#include "apps/memory_guard.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "state/memory_database.h"
#include "state/memory_limit.h"

namespace catwalk::apps {
namespace {

TEST(NextCacheShare, FallsNearTheCeilingAndComesBackSlowly) {
  EXPECT_LT(NextCacheShare(1, 95, 100), 1);
  EXPECT_EQ(NextCacheShare(0.5, 83, 100), 0.5);
  EXPECT_GT(NextCacheShare(0.5, 70, 100), 0.5);
  EXPECT_LT(NextCacheShare(0.5, 70, 100) - 0.5, 0.5 - NextCacheShare(0.5, 95, 100));
}

TEST(NextCacheShare, StaysWithinItsBounds) {
  double share = 1;
  for (int i = 0; i < 100; ++i) share = NextCacheShare(share, 200, 100);
  EXPECT_EQ(share, 1.0 / 64);
  for (int i = 0; i < 1'000; ++i) share = NextCacheShare(share, 10, 100);
  EXPECT_EQ(share, 1);
}

TEST(NextCacheShare, IsAllWithoutACeiling) { EXPECT_EQ(NextCacheShare(0.5, 1'000, 0), 1); }

/// Waits up to ten seconds.
bool ShareFallsBelowOne(uint64_t ceiling_bytes) {
  const auto database = state::MakeMemoryDatabase();
  prometheus::Registry registry;
  const MemoryGuard guard(ceiling_bytes, *database, registry);
  for (int i = 0; i < 1'000 && database->cache_share() == 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return database->cache_share() < 1;
}

TEST(MemoryGuard, TellsTheCachesOfItsDatabase) { EXPECT_TRUE(ShareFallsBelowOne(1)); }

}  // namespace
}  // namespace catwalk::apps
