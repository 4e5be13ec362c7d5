#include "base/clock.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace catwalk {
namespace {

constexpr int64_t kStartOf2024Ms = 1'704'067'200'000;
constexpr int64_t kStartOf2200Ms = 7'258'118'400'000;

TEST(SystemClock, TellsTheTimeInMillisecondsSinceTheEpoch) {
  const int64_t now = SystemClock().NowMs();
  EXPECT_GT(now, kStartOf2024Ms);
  EXPECT_LT(now, kStartOf2200Ms);
}

TEST(SystemClock, SteadyTimeAdvancesAndNeverGoesBack) {
  const SystemClock clock;
  const int64_t start = clock.SteadyUs();
  int64_t last = start;
  while (last < start + 1'000) {
    const int64_t now = clock.SteadyUs();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace catwalk
