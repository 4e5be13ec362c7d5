#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "streams/local_copy.h"
#include "streams/log.h"
#include "streams/worker.h"

namespace catwalk::streams {

/// Keeps the state of other processes' tasks at hand, by reading along in their changelogs, so that a task that comes here when its
/// process dies has little left to restore. Which tasks these are says StandbyShare, of the members the group has every three seconds.
///
/// A copy is what a restore cut short leaves, so whoever restores goes on from it. It holds a task's lease only while it writes, and
/// first looks that the copy is as it left it: a worker that gets the task waits for no more than a write, and what it does then is
/// never written over. A copy that is no longer kept up stays for a return, like that of a task given up (local_copy.h).
///
/// When a task has come here from a process that is gone, it also ends the transaction that one may have left open, which would hold
/// the restore up until the broker gives it up.
///
/// One per sub-topology, one thread; only on a log with a changelog.
class Standby {
 public:
  /// `deaths`: of other processes, at once, that it is prepared for. What `environment` borrows outlives it.
  Standby(const WorkerEnvironment& environment, int deaths);

  /// Applies what has come, does not wait for more. After an error it lets go of everything, and starts over ten seconds later.
  Status Step();

 private:
  Status Round();
  std::vector<int32_t> LetGo();
  Status EndLeftOpen(const std::vector<int32_t>& taken);
  Result<bool> SomethingIsOpen() const;
  std::set<std::string> FormerOwners(const std::vector<int32_t>& partitions) const;
  Status Look();
  bool IsSettled(const std::vector<Member>& members) const;
  Status Keep(const std::set<int32_t>& share);
  Status Begin(int32_t partition, int64_t begin, int64_t end);
  Status AssignReader();
  Status Follow(bool all);
  Result<bool> Advance(int32_t partition, const std::vector<schemas::Record>& records, schemas::Checkpoint* checkpoint);
  void Report() const;
  schemas::TopicPartition Changelog(int32_t partition) const { return {changelog_, partition}; }

  WorkerEnvironment environment_;
  const int deaths_;
  const LocalCopies copies_;
  const std::string changelog_, source_;
  const int32_t partitions_;
  std::vector<Member> members_;                      // at the last look
  Offsets ends_;                                     // then, of what was committed
  std::map<int32_t, schemas::Checkpoint> kept_;      // the row that each copy kept up has
  std::unique_ptr<LogReader> reader_;
  int64_t look_us_ = 0, rest_until_us_ = 0;
};

}  // namespace catwalk::streams
