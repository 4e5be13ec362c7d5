#include "streams/restorer.h"

#include <algorithm>
#include <span>

#include "base/logging.h"
#include "streams/checkpoint.h"
#include "streams/mutation.h"

namespace catwalk::streams {
namespace {

constexpr size_t kPollBytes = 4 << 20;
constexpr int64_t kReportEveryUs = 1'000'000;
constexpr int64_t kAskAgainUs = 20'000;  // tasks that run wait for the answer

/// Positions by topic, without those at 0: never having read and having read nothing are the same.
std::map<std::string, int64_t> Positions(const schemas::Checkpoint& checkpoint) {
  std::map<std::string, int64_t> positions;
  for (const auto& source : checkpoint.sources()) {
    if (source.offset() > 0) positions[source.topic()] = source.offset();
  }
  return positions;
}

std::string Printed(const std::map<std::string, int64_t>& positions) {
  std::string text = "{";
  for (const auto& [topic, offset] : positions) text += (text.size() > 1 ? ", " : "") + topic + ": " + std::to_string(offset);
  return text + "}";
}

/// Mutations that take the second look away with the first.
bool TrustsItself() {
  return Mutated(Mutation::kRestoreToStableOffset) || Mutated(Mutation::kReuseUnasked) || Mutated(Mutation::kStopRestoreEarly);
}

}  // namespace

Status Restorer::Begin(const std::vector<int32_t>& partitions) {
  Offsets begins, ends;
  if (log_.needs_changelog()) {
    ASSIGN_OR_RETURN(begins, log_.BeginOffsets({options_.changelog_topic}));
    const bool stable = Mutated(Mutation::kRestoreToStableOffset);
    ASSIGN_OR_RETURN(ends, log_.EndOffsets({options_.changelog_topic}, stable ? Isolation::kReadCommitted : Isolation::kReadUncommitted));
  }
  std::map<int32_t, Progress> planned;
  for (const int32_t partition : partitions) {
    ASSIGN_OR_RETURN(planned[partition], Plan(partition, begins, ends));
  }
  if (log_.needs_changelog()) {
    for (const auto& [partition, progress] : planned)
      catwalk::Log("streams")->info("{}/{}: restoring {} changelog records from offset {} ({})", options_.group, partition,
                                    progress.end - progress.start, progress.start, progress.in_full ? "in full" : "the tail");
  }
  pending_.merge(planned);
  return AssignReader();
}

std::vector<int32_t> Restorer::partitions() const {
  std::vector<int32_t> partitions;
  for (const auto& [partition, progress] : pending_) partitions.push_back(partition);
  return partitions;
}

void Restorer::Cancel(int32_t partition) { pending_.erase(partition); }

Result<Restorer::Progress> Restorer::Plan(int32_t partition, const Offsets& begins, const Offsets& ends) {
  Progress progress;
  progress.began_us = clock_.SteadyUs();
  if (!log_.needs_changelog()) {
    ASSIGN_OR_RETURN(const auto row, ReadCheckpoint(database_.Store(options_.checkpoint_store), options_.group, partition));
    if (row) progress.checkpoint = *row;
    return progress;
  }

  const auto lookup = [&](const Offsets& offsets) {
    const auto found = offsets.find(Changelog(partition));
    return found == offsets.end() ? int64_t{0} : found->second;
  };
  progress.end = lookup(ends);
  ASSIGN_OR_RETURN(const ReplayStart copy, StartReplay(Copies(), partition, lookup(begins), progress.end, clock_.NowMs()));
  progress.checkpoint = copy.checkpoint;
  progress.start = copy.offset;
  progress.in_full = copy.in_full;
  if (Mutated(Mutation::kReuseUnasked) && !copy.in_full) progress.end = progress.start;
  if (Mutated(Mutation::kStopRestoreEarly)) progress.end = std::max(progress.start, progress.end - 4);
  return progress;
}

Status Restorer::AssignReader() {
  Offsets from;
  for (const auto& [partition, progress] : pending_) {
    const int64_t reached = std::max(progress.start, progress.checkpoint.changelog_offset());
    if (reached < progress.end) from[Changelog(partition)] = reached;
  }
  if (from.empty()) return Status::Ok();
  if (!reader_) {
    ASSIGN_OR_RETURN(reader_, log_.OpenReader());
  }
  return reader_->Assign(from);
}

Result<std::vector<Restorer::Restored>> Restorer::Step(std::chrono::milliseconds max_wait) {
  const bool all_finished = std::all_of(pending_.begin(), pending_.end(),
                                        [this](const auto& entry) { return Finished(entry.first, entry.second); });
  if (!all_finished) RETURN_IF_ERROR(Replay(max_wait));
  Reach(options_.crash_plan, CrashPoint::kDuringRestore);
  ReportProgress();
  return TakeFinished();
}

Status Restorer::Replay(std::chrono::milliseconds max_wait) {
  std::vector<schemas::Record> records;
  RETURN_IF_ERROR(reader_->Poll(max_wait, kPollBytes, &records));
  state::WriteBatch batch;
  int64_t replayed = 0;  // the reader still brings what tasks log that have started meanwhile
  for (const auto& record : records) {
    const auto found = pending_.find(record.partition);
    if (found == pending_.end()) continue;
    ++found->second.records;
    ++replayed;
    ReplayRecord(record, options_.stores, &found->second.checkpoint, &batch);
  }
  // The rows say how far a copy has come, so that a restore cut short goes on from there.
  std::map<int32_t, schemas::Checkpoint> reached;
  for (const auto& [partition, progress] : pending_) {
    if (progress.start >= progress.end) continue;
    schemas::Checkpoint& checkpoint = reached[partition] = progress.checkpoint;
    checkpoint.set_changelog_offset(std::max(progress.start, reader_->Position(Changelog(partition))));
    checkpoint.set_committed_at_ms(clock_.NowMs());
    PutCheckpoint(options_.checkpoint_store, options_.group, partition, checkpoint, &batch);
  }
  if (!records.empty()) Reach(options_.crash_plan, CrashPoint::kDuringRestore);
  if (Status status = database_.Write(batch); !status.ok()) {
    RETURN_IF_ERROR(AssignReader());  // what is not written, for want of room, is read again
    return status;
  }
  for (auto& [partition, checkpoint] : reached) pending_[partition].checkpoint = std::move(checkpoint);
  metrics_.restored_records.Increment(static_cast<double>(replayed));
  return Status::Ok();
}

bool Restorer::Finished(int32_t partition, const Progress& progress) const {
  return progress.start >= progress.end || reader_->Position(Changelog(partition)) >= progress.end;
}

Result<std::vector<Restorer::Restored>> Restorer::TakeFinished() {
  std::vector<Restored> ready;
  const bool some = std::ranges::any_of(pending_, [this](const auto& entry) { return Finished(entry.first, entry.second); });
  if (!some || clock_.SteadyUs() < ask_again_us_) return ready;
  Offsets committed;
  if (log_.needs_changelog()) {
    ASSIGN_OR_RETURN(committed, log_.CommittedOffsets(options_.group, options_.sources));
    ask_again_us_ = clock_.SteadyUs() + kAskAgainUs;
  }
  for (auto at = pending_.begin(); at != pending_.end();) {
    auto& [partition, progress] = *at;
    const Status agreement = CheckAgreement(partition, progress, committed);
    if (agreement.retryable()) {
      ++at;
      continue;
    }
    RETURN_IF_ERROR(agreement);
    if (log_.needs_changelog()) catwalk::Log("streams")->info("{}/{}: restored, replayed {} changelog records in {:.2f} s", options_.group, partition,
                              progress.records, static_cast<double>(clock_.SteadyUs() - progress.began_us) / 1e6);
    ready.emplace_back(partition, progress.checkpoint);
    at = pending_.erase(at);
  }
  return ready;
}

/// Retryable while a task has to wait; one that waits holds no other up.
Status Restorer::CheckAgreement(int32_t partition, const Progress& progress, const Offsets& committed) {
  if (!Finished(partition, progress)) return {Code::kUnavailable, "not all is replayed yet", Recovery::kRetryable};
  if (!log_.needs_changelog()) return Status::Ok();
  std::map<std::string, int64_t> group;
  for (const auto& topic : options_.sources) {
    const auto found = committed.find({topic, partition});
    if (found == committed.end() || found->second == 0) continue;
    if (found->second == kUndecided) return {Code::kUnavailable, "a position is not decided on yet", Recovery::kRetryable};
    group[topic] = found->second;
  }
  const auto changelog = Positions(progress.checkpoint);
  if (group == changelog || TrustsItself()) return Status::Ok();
  if (clock_.SteadyUs() - progress.began_us < options_.agreement_timeout_ms * 1000) {
    return {Code::kUnavailable, "positions do not agree yet", Recovery::kRetryable};
  }
  return {Code::kCorruption, options_.group + "/" + std::to_string(partition) + ": the group's positions " + Printed(group) +
                                 " are not those of the changelog " + Printed(changelog) +
                                 "; someone has reset one without the other: reset the group to the changelog's"};
}

void Restorer::ReportProgress() {
  int64_t remaining = 0;
  int64_t records = 0;
  int64_t began_us = clock_.SteadyUs();
  for (const auto& [partition, progress] : pending_) {
    const int64_t at = Finished(partition, progress) ? progress.end : reader_->Position(Changelog(partition));
    remaining += std::max<int64_t>(0, progress.end - std::max(at, progress.start));
    records += progress.records;
    began_us = std::min(began_us, progress.began_us);
  }
  metrics_.restore_remaining.Set(static_cast<double>(remaining));
  const int64_t now_us = clock_.SteadyUs();
  if (remaining == 0 || now_us - reported_us_ < kReportEveryUs) return;
  reported_us_ = now_us;
  const double rate = static_cast<double>(records) / std::max(1e-3, static_cast<double>(now_us - began_us) / 1e6);
  catwalk::Log("streams")->info("{}: restoring, {} records done, {} to go, {:.0f} records/s, {:.0f} s left", options_.group,
                            records, remaining, rate, rate > 0 ? static_cast<double>(remaining) / rate : 0);
}

}  // namespace catwalk::streams
