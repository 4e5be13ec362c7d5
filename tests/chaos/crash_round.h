#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/crash_tally.h"
#include "tests/chaos/workload.h"
#include "tests/integration/installation.h"

namespace catwalk::chaos {

/// One installation that is crashed again and again while input comes, then brought to its end and judged. What happens is drawn from
/// the seed; how far a process gets before it dies is also the machine's doing.
class CrashRound {
 public:
  /// `bootstrap` empty: the embedded log.
  CrashRound(uint64_t seed, std::string bootstrap, CrashTally* tally);

  /// Lives until `crashes` plans have come true, then judges. Fails the test if anything is not as it must be.
  void Run(int crashes);
  /// Brings some input to its end without any crash; what that leaves.
  Evidence RunUndisturbed();

 private:
  struct Life {
    CrashPoint point;
    int64_t hit = 1;
    bool until_end = false, lose_disk = false, companion = false;
    int workers = 1;
  };

  Life DrawLife();
  /// True if the plan came true.
  bool Live(const Life& life);
  void AppendInput();
  void StartCompanion();
  void EndCompanion();
  int Await(const Life& life, tests::Process* process);
  void RunToEnd();
  void Judge();
  Evidence Collect() const;
  int64_t Below(int64_t bound) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(bound)); }

  std::mt19937_64 random_;
  const std::string bootstrap_;
  tests::Installation installation_;
  schemas::TopicNames names_;
  Workload workload_;
  CrashTally& tally_;
  std::vector<CrashPoint> deck_;   // points still to come before any comes again
  std::unique_ptr<tests::Process> companion_;
};

}  // namespace catwalk::chaos
