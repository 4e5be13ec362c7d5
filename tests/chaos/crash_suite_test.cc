#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tests/chaos/crash_round.h"

namespace catwalk::chaos {
namespace {

constexpr int kLeastPerPoint = 20;  // in the long form
/// Rounds side by side: each mostly waits for its process.
constexpr int kRoundsAtOnce = 3;

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::atoll(text);
}

bool Long() { return std::getenv("CATWALK_TEST_LONG") != nullptr; }

/// What went wrong in a life is not undone by many others before somebody judges; in the long form other lives are what matters.
int CrashesPerRound() { return Long() ? 20 : 5; }

/// Rounds of crashes on one transport, each from a seed of its own.
class Suite {
 public:
  Suite(std::string transport, std::string bootstrap) : transport_(std::move(transport)), bootstrap_(std::move(bootstrap)) {}

  /// CATWALK_CHAOS_SEED runs that round alone; CATWALK_CHAOS_FIRST_SEED begins elsewhere than with 1.
  void Run(int crashes) {
    LimitPatience();
    const int64_t only = FromEnvironment("CATWALK_CHAOS_SEED", -1);
    next_seed_ = only >= 0 ? only : FromEnvironment("CATWALK_CHAOS_FIRST_SEED", 1);
    end_seed_ = next_seed_ + (only >= 0 ? 1 : crashes / CrashesPerRound());
    std::vector<std::jthread> threads;
    for (int i = 0; i < kRoundsAtOnce; ++i) threads.emplace_back([this] { RunRounds(); });
    threads.clear();  // joins
    std::cout << tally_.Table(transport_) << std::flush;
    if (Long() && only < 0) ExpectEveryPointOften();
  }

 private:
  void RunRounds() {
    for (int64_t seed = TakeSeed(); seed >= 0; seed = TakeSeed()) {
      SCOPED_TRACE("repeat with " + std::string(Long() ? "CATWALK_TEST_LONG=1 " : "") + "CATWALK_CHAOS_SEED=" + std::to_string(seed) +
                   " chaos_test --gtest_filter=CrashSuite." + transport_);
      CrashTally tally;
      CrashRound(static_cast<uint64_t>(seed), bootstrap_, &tally).Run(CrashesPerRound());
      const std::scoped_lock lock(mutex_);
      tally_.Add(tally);
      if (Long()) std::cout << transport_ << ": seed " << seed << ", crashes so far " << tally_.crashes << std::endl;
    }
  }

  /// -1: there is nothing more to do.
  int64_t TakeSeed() {
    const std::scoped_lock lock(mutex_);
    return next_seed_ < end_seed_ && !::testing::Test::HasFailure() ? next_seed_++ : -1;
  }

  void ExpectEveryPointOften() {
    for (int i = 0; i < kCrashPoints; ++i)
      EXPECT_GE(tally_.fired[static_cast<CrashPoint>(i)], kLeastPerPoint) << NameOf(static_cast<CrashPoint>(i));
  }

  const std::string transport_, bootstrap_;
  std::mutex mutex_;
  CrashTally tally_;
  int64_t next_seed_ = 0, end_seed_ = 0;
};

TEST(CrashSuite, EmbeddedLog) { Suite("EmbeddedLog", "").Run(Long() ? 8'800 : 140); }

TEST(CrashSuite, Kafka) { Suite("Kafka", tests::SharedKafka()).Run(Long() ? 1'200 : 60); }

}  // namespace
}  // namespace catwalk::chaos
