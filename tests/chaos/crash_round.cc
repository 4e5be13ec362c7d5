#include "tests/chaos/crash_round.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace catwalk::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::Eventually;
using tests::Process;

constexpr int kKilled = 128 + SIGKILL;
constexpr seconds kPatience{60};
/// A life that need not end by itself is asked to after this.
constexpr milliseconds kLongLife{3'000};

/// How often a point is come by in the time of a life, about.
int64_t HitsOf(CrashPoint point) {
  switch (point) {
    case CrashPoint::kMidBatch: return 150;
    case CrashPoint::kMidLocalWrite: return 8;
    case CrashPoint::kDuringRevocation:
    case CrashPoint::kDuringStop:
    case CrashPoint::kDuringRestore: return 4;
    case CrashPoint::kDuringAssignment: return 8;
    default: return 10;
  }
}

bool ComesWithTheEnd(CrashPoint point) { return point == CrashPoint::kDuringRevocation || point == CrashPoint::kDuringStop; }

std::string StandbySetting(bool standby) { return std::string("CATWALK_RUN_STANDBY=") + (standby ? "1" : "0"); }

}  // namespace

std::string CrashRound::Life::Describe() const {
  return std::string(NameOf(point)) + ":" + std::to_string(hit) + (workers > 1 ? " of two workers" : "") + (until_end ? " until end" : "") +
         (companion ? " beside another" : "") + (standby ? " that keeps copies" : "") + (lose_disk ? " without its disk" : "");
}

CrashRound::CrashRound(uint64_t seed, std::string bootstrap, CrashTally* tally)
    : next_protocol_(!bootstrap.empty() && (NextProtocol() || seed % 4 == 3)), random_(seed), judged_(seed, std::move(bootstrap)), tally_(*tally) {
  if (!next_protocol_) return;
  judged_.Configure("kafka.group_protocol: consumer\n");
  ++tally_.rounds_of_next_protocol;
}

void CrashRound::Run(int crashes) {
  const int most_lives = 3 * crashes;
  int fired = 0;
  for (int life = 0; life < most_lives && fired < crashes && !::testing::Test::HasFailure(); ++life) {
    if (Live(DrawLife())) ++fired;
  }
  if (::testing::Test::HasFailure()) return;
  EXPECT_EQ(fired, crashes) << "in " << most_lives << " lives";
  judged_.EndAndJudge(&tally_);
}

CrashRound::Life CrashRound::DrawLife() {
  if (deck_.empty()) {
    for (int i = 0; i < kCrashPoints; ++i) deck_.push_back(static_cast<CrashPoint>(i));
    std::ranges::shuffle(deck_, random_);
  }
  Life life{.point = deck_.back()};
  deck_.pop_back();
  life.hit = 1 + Below(1 + Below(HitsOf(life.point)));
  life.until_end = Below(2) == 0;
  life.workers = 1 + static_cast<int>(Below(2));
  if (!judged_.on_kafka()) return life;
  life.lose_disk = Below(life.point == CrashPoint::kDuringRestore ? 2 : 8) == 0;
  life.companion = Below(5) == 0;
  // One that runs beside a second process cannot tell the end: that one leaves the markers of transactions unread.
  life.until_end = life.until_end && !life.companion;
  life.standby = life.companion && Below(2) == 0 && !next_protocol_;  // which does not tell who has what
  return life;
}

bool CrashRound::Live(const Life& life) {
  SCOPED_TRACE(life.Describe());
  judged_.Append(40 + static_cast<int>(Below(120)));
  if (life.lose_disk) {
    std::filesystem::remove_all(judged_.StateDir());
    ++tally_.disks_lost;
  }
  if (life.companion) StartCompanion(life.standby);
  const int exit_code = LiveAlone(life);
  EndCompanion();
  EXPECT_TRUE(exit_code == kKilled || exit_code == 0) << "exit code " << exit_code << "\n" << judged_.installation().ErrorsOf(0);
  if (exit_code != kKilled) {
    ++tally_.unfired;
    return false;
  }
  ++tally_.crashes;
  ++tally_.fired[life.point];
  return true;
}

/// Its exit code.
int CrashRound::LiveAlone(const Life& life) {
  std::vector<std::string> args = {"--crash-at", std::string(NameOf(life.point)) + ":" + std::to_string(life.hit), "--workers",
                                   std::to_string(life.workers)};
  if (life.until_end) args.emplace_back("--until-end");
  const auto began = std::chrono::steady_clock::now();
  const auto process = judged_.installation().Start(args, 0, {"env", StandbySetting(life.standby)});
  const int exit_code = Await(life, process.get());
  if (std::getenv("CATWALK_CHAOS_VERBOSE") != nullptr)
    std::cout << life.Describe() << ", exit code " << exit_code << " after "
              << std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began).count() << " ms" << std::endl;
  return exit_code;
}

/// One that runs on is asked to stop, and has to.
int CrashRound::Await(const Life& life, Process* process) {
  if (life.until_end) return process->Wait(kPatience).value_or(-1);
  EXPECT_TRUE(Eventually([&] {
    return process->Wait(milliseconds(0)) || judged_.installation().ErrorsOf(0).find("running on") != std::string::npos;
  }));
  const auto lifetime = ComesWithTheEnd(life.point) ? milliseconds(Below(500)) : kLongLife;
  if (const auto code = process->Wait(lifetime)) return *code;
  process->Signal(SIGTERM);
  return process->Wait(kPatience).value_or(-1);
}

void CrashRound::StartCompanion(bool standby) {
  ++tally_.companions;
  companion_ = judged_.StartSecond({StandbySetting(standby)});
}

void CrashRound::EndCompanion() {
  if (!companion_) return;
  if (Below(2) == 0) {
    companion_->Kill();
    ++tally_.companions_killed;
  } else {
    EXPECT_EQ(companion_->Terminate(seconds(20)), 0) << judged_.installation().ErrorsOf(1);
  }
  companion_.reset();
}

}  // namespace catwalk::chaos
