#include "streams/restart_policy.h"

#include <gtest/gtest.h>

#include "tests/testing/matchers.h"

namespace catwalk::streams {
namespace {

using tests::HasCode;

constexpr int64_t kSecondUs = 1'000'000;
const Status kLost(Code::kUnavailable, "no broker answers");
const Status kFenced(Code::kFenced, "another process has it");
const Status kHeld(Code::kIdentityHeld, "somebody has it");

/// A worker whose lives are short.
class RestartPolicyTest : public testing::Test {
 protected:
  Result<std::chrono::milliseconds> After(const Status& status) { return policy_.After(status, now_us_, now_us_); }
  void PassSeconds(int64_t seconds) { now_us_ += seconds * kSecondUs; }

  RestartPolicy policy_;
  int64_t now_us_ = 0;
};

TEST_F(RestartPolicyTest, PausesTwiceAsLongEachTimeUpToTenSeconds) {
  for (const int expected_ms : {100, 200, 400, 800, 1600, 3200, 6400, 10'000, 10'000}) EXPECT_EQ(After(kLost)->count(), expected_ms);
}

TEST_F(RestartPolicyTest, BeginsWithShortPausesAgainAfterALongLife) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(After(kLost).ok());
  EXPECT_EQ(policy_.After(kLost, 0, 61 * kSecondUs)->count(), 100);
}

TEST_F(RestartPolicyTest, EndsWithWhatTheNextLifeWouldMeetToo) {
  for (const Code code : {Code::kCorruption, Code::kIncompatible, Code::kTopicMismatch, Code::kInvalidArgument, Code::kInvalidConfig, Code::kUnsupported})
    EXPECT_THAT(After(Status(code, "said why")).status(), HasCode(code));
  EXPECT_TRUE(After(Status(Code::kInvalidArgument, "of one transaction", Recovery::kAbortable)).ok());
}

TEST_F(RestartPolicyTest, EndsWhenFencedThreeTimesInARow) {
  EXPECT_EQ(After(kFenced)->count(), 1000);
  PassSeconds(59);
  EXPECT_TRUE(After(kFenced).ok());
  PassSeconds(59);
  EXPECT_THAT(After(kFenced).status(), HasCode(Code::kFenced));
}

TEST_F(RestartPolicyTest, ForgivesBeingFencedNowAndThen) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(After(kFenced).ok());
    PassSeconds(61);
  }
}

TEST_F(RestartPolicyTest, WaitsForTheIdentityOfWhoDiedButNotOfWhoLives) {
  for (int waited = 0; waited <= 75; waited += 5) {
    EXPECT_TRUE(After(kHeld).ok()) << waited;
    PassSeconds(5);
  }
  EXPECT_THAT(After(kHeld).status(), HasCode(Code::kIdentityHeld));
}

TEST_F(RestartPolicyTest, WaitsAnewOnceTheIdentityWasItsOwn) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(After(kHeld).ok());
    PassSeconds(60);
    EXPECT_TRUE(After(kLost).ok());
  }
}

}  // namespace
}  // namespace catwalk::streams
