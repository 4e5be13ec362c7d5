#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/judged_installation.h"

namespace catwalk::chaos {

/// One installation that is crashed again and again while input comes, then brought to its end and judged. What happens is drawn from
/// the seed; how far a process gets before it dies is also the machine's doing.
class CrashRound {
 public:
  /// `bootstrap` empty: the embedded log.
  CrashRound(uint64_t seed, std::string bootstrap, CrashTally* tally);

  /// Lives until `crashes` plans have come true, then judges. Fails the test if anything is not as it must be.
  void Run(int crashes);

 private:
  struct Life {
    CrashPoint point;
    int64_t hit = 1;
    bool until_end = false, lose_disk = false, companion = false, standby = false;
    int workers = 1;
    std::string Describe() const;
  };

  Life DrawLife();
  /// True if the plan came true.
  bool Live(const Life& life);
  int LiveAlone(const Life& life);
  int Await(const Life& life, tests::Process* process);
  void StartCompanion(bool standby);
  void EndCompanion();
  int64_t Below(int64_t bound) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(bound)); }

  /// On Kafka one round in four has members of the protocol of KIP-848.
  const bool next_protocol_;
  std::mt19937_64 random_;
  JudgedInstallation judged_;
  CrashTally& tally_;
  std::vector<CrashPoint> deck_;   // points still to come before any comes again
  std::unique_ptr<tests::Process> companion_;
};

}  // namespace catwalk::chaos
