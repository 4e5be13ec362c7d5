#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/crash_plan.h"
#include "tests/chaos/oracle.h"

namespace catwalk::chaos {

/// What a suite has done so far.
struct CrashTally {
  std::map<CrashPoint, int> fired;
  int crashes = 0;       // by a plan, seen by the signal that ended the process
  int unfired = 0;       // lives that ended before their plan came true
  int disks_lost = 0;
  int companions = 0;    // lives beside a second process
  int companions_killed = 0;
  int rounds_of_next_protocol = 0;
  int64_t inputs = 0, outputs = 0, rows = 0, differences = 0;

  void Add(const Verdict& verdict);
  void Add(const CrashTally& other);
  /// A table of points by times fired, and the sums.
  std::string Table(const std::string& title) const;
};

inline constexpr int kCrashPoints = static_cast<int>(CrashPoint::kDuringStop) + 1;

}  // namespace catwalk::chaos
