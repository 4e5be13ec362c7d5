#pragma once

namespace catwalk::streams {

/// Deliberate faults, one per promise, to see that the tests would notice (tests/chaos/mutation_check.py). Only a build with
/// CATWALK_MUTATIONS has them; elsewhere each question is answered when it is compiled.
enum class Mutation {
  kStateBeforeCommit,       // the state is written before the transaction is committed
  kOffsetsOutside,          // the positions follow in a transaction of their own
  kOutputsApart,            // embedded log: outputs and state are two writes
  kKeepOverlay,             // an abort leaves the uncommitted state in place
  kSkipChangelogRecord,     // one changed row in eight is not logged
  kForgetDeletions,         // a restore passes over deletions
  kStopRestoreEarly,        // a restore leaves out the last records
  kRestoreToStableOffset,   // a restore ends where an open transaction begins, and does not ask whether positions agree
  kReuseUnasked,            // a copy at hand is taken for current, without asking what happened since
  kDoubleReplay,            // a restarted task begins one record too early
  kSkipInput,               // a restarted task begins one record too late
  kIgnoreRevoke,            // tasks that are revoked go on
  kReadUncommitted,         // members of groups see aborted records
  kNoFencing,               // a new name at each start, no proof of membership, no look at who owns a task
  kLineageLeavesOut,        // lineage passes over some records
  kLineageOfOtherTables,    // lineage passes over every other version of the tables
  kLoseOutput,              // one output in a hundred is not sent
  kLoseAborted,             // an aborted batch is not read again
};

#ifdef CATWALK_MUTATIONS
/// Whether CATWALK_MUTATION names this one.
bool Mutated(Mutation mutation);
#else
constexpr bool Mutated(Mutation /*mutation*/) { return false; }
#endif

}  // namespace catwalk::streams
