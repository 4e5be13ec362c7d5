#pragma once

#include <signal.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk {

/// Steps at which a test may have the program die or fall asleep, in the order a record meets them.
enum class CrashPoint {
  kDuringAssignment,   // tasks are being taken over
  kDuringRestore,      // their state is being brought up to date
  kAfterPoll,          // records have come, none is processed
  kMidBatch,           // some of a batch's outputs are made
  kAfterProduce,       // all of a commit's records are handed over
  kAfterDelivery,      // and the log has taken them, or given them their places
  kAfterOffsets,       // the positions are part of the transaction too
  kAfterCommit,        // the transaction stands, the state is not written (one write on the embedded log: it is)
  kMidLocalWrite,      // half of a write to the database is on its way
  kAfterLocalWrite,    // the state is written
  kDuringRevocation,   // tasks are being given up
  kDuringStop,         // the program has been asked to end
};

/// The name on the command line, e.g. "after-commit".
std::string_view NameOf(CrashPoint point);

/// A death to come: the program ends itself as kill -9 would, when it comes by one point for the n-th time; or a sleep (SIGSTOP), from
/// which somebody else has to wake it. Only for tests, which hand it down to where the points are; there a null pointer stands for "none".
/// Safe to use from any thread.
class CrashPlan {
 public:
  enum class Fate : int { kDeath = SIGKILL, kSleep = SIGSTOP };

  /// From "POINT:HIT", HIT from 1 on. kInvalidArgument names all points. Nobody sleeps in kMidLocalWrite.
  static Result<std::unique_ptr<CrashPlan>> Parse(std::string_view text, Fate fate = Fate::kDeath);

  CrashPlan(CrashPoint point, int64_t hit, Fate fate) : point_(point), fate_(fate), left_(hit) {}

  CrashPoint point() const { return point_; }
  /// Counts a hit; true for the one to die at.
  bool IsDue(CrashPoint point) { return point == point_ && left_.fetch_sub(1, std::memory_order_relaxed) == 1; }
  /// Brings the fate on; comes back only from sleep.
  void Strike() const { raise(static_cast<int>(fate_)); }

 private:
  const CrashPoint point_;
  const Fate fate_;
  std::atomic<int64_t> left_;
};

/// The program is at `point`.
inline void Reach(CrashPlan* plan, CrashPoint point) {
  if (plan != nullptr && plan->IsDue(point)) plan->Strike();
}

}  // namespace catwalk
