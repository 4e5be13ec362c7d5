#include "streams/standby.h"

#include <algorithm>
#include <utility>

#include "base/logging.h"
#include "streams/checkpoint.h"
#include "streams/standby_share.h"

namespace catwalk::streams {
namespace {

constexpr size_t kPollBytes = 4 << 20;
constexpr std::chrono::milliseconds kNoWait{0};
constexpr int64_t kLookEveryUs = 3'000'000;
constexpr int64_t kLookSoonUs = 200'000;
constexpr int64_t kRestUs = 10'000'000;

std::string Printed(const std::set<int32_t>& partitions) {
  std::string text;
  for (const int32_t partition : partitions) text += (text.empty() ? "" : ", ") + std::to_string(partition);
  return text.empty() ? "none" : text;
}

}  // namespace

Standby::Standby(const WorkerEnvironment& environment, int deaths)
    : environment_(environment),
      deaths_(deaths),
      copies_{environment.database, environment.topology.GroupOf(environment.sub), environment.checkpoint_store, environment.stores},
      changelog_(environment.topology.names().Of(environment.sub.changelog)),
      source_(environment.topology.SourceNames(environment.sub).front()),
      partitions_(environment.topics.at(source_).partitions) {}

Status Standby::Step() {
  if (environment_.clock.SteadyUs() < rest_until_us_) return Status::Ok();
  const Status status = Round();
  if (!status.ok()) {
    kept_.clear();
    reader_.reset();
    rest_until_us_ = environment_.clock.SteadyUs() + kRestUs;
    look_us_ = 0;
  }
  Report();
  return status.ok() ? status : status.WithPrefix(copies_.group);
}

Status Standby::Round() {
  const std::vector<int32_t> taken = LetGo();
  if (!taken.empty()) RETURN_IF_ERROR(EndLeftOpen(taken));
  const int64_t now_us = environment_.clock.SteadyUs();
  const bool due = now_us >= look_us_;
  if (due) {
    look_us_ = now_us + kLookEveryUs;
    RETURN_IF_ERROR(Look());
  }
  return kept_.empty() ? Status::Ok() : Follow(due);
}

/// Forgets the tasks that run in this process by now; returns them.
std::vector<int32_t> Standby::LetGo() {
  std::vector<int32_t> taken;
  for (const auto& [partition, checkpoint] : kept_) {
    if (environment_.leases.IsHeld(partition)) taken.push_back(partition);
  }
  for (const int32_t partition : taken) kept_.erase(partition);
  return taken;
}

/// Its group has given the process up, so its open transaction can no longer be committed; ending it takes nothing away. It may have
/// written to any topic of the sub-topology, and holds up who restores or who reads lists, whichever it came to first.
Status Standby::EndLeftOpen(const std::vector<int32_t>& taken) {
  std::set<std::string> gone = FormerOwners(taken);
  if (gone.empty()) return Status::Ok();
  ASSIGN_OR_RETURN(const auto members, environment_.log.Members(copies_.group, source_));
  for (const auto& member : members) gone.erase(member.instance);
  if (gone.empty()) return Status::Ok();
  ASSIGN_OR_RETURN(const bool is_open, SomethingIsOpen());
  if (!is_open) return Status::Ok();
  for (const auto& instance : gone) {
    const auto workers = std::ranges::count(members_, instance, &Member::instance);
    catwalk::Log("streams")->info("{}: ending what {} has left open, which its group has given up", copies_.group, instance);
    RETURN_IF_ERROR(environment_.log.FenceIdentities(copies_.group, instance, static_cast<int>(workers)));
  }
  return Status::Ok();
}

/// Whether a transaction is open in any topic that the sub-topology writes.
Result<bool> Standby::SomethingIsOpen() const {
  std::vector<std::string> topics = {changelog_};
  for (const auto sink : environment_.sub.sinks) topics.push_back(environment_.topology.names().Of(sink));
  ASSIGN_OR_RETURN(const Offsets stable, environment_.log.EndOffsets(topics, Isolation::kReadCommitted));
  ASSIGN_OR_RETURN(const Offsets written, environment_.log.EndOffsets(topics, Isolation::kReadUncommitted));
  return stable != written;
}

/// The instances that had these partitions at the last look.
std::set<std::string> Standby::FormerOwners(const std::vector<int32_t>& partitions) const {
  std::set<std::string> owners;
  for (const auto& member : members_) {
    const auto had = [&member](int32_t partition) { return std::ranges::count(member.partitions, partition) > 0; };
    if (member.instance != environment_.instance && std::ranges::any_of(partitions, had)) owners.insert(member.instance);
  }
  return owners;
}

Status Standby::Look() {
  ASSIGN_OR_RETURN(auto members, environment_.log.Members(copies_.group, source_));
  if (!IsSettled(members)) {
    look_us_ = environment_.clock.SteadyUs() + kLookSoonUs;
    return Status::Ok();  // what is kept now is as good as anything
  }
  members_ = std::move(members);
  ASSIGN_OR_RETURN(ends_, environment_.log.EndOffsets({changelog_}, Isolation::kReadCommitted));
  const auto share = StandbyShare(members_, partitions_, environment_.instance, deaths_);
  const bool same = std::ranges::equal(share, kept_, {}, {}, [](const auto& copy) { return copy.first; });
  return same ? Status::Ok() : Keep(share);
}

/// This process is a member, and partitions are not just being dealt out anew.
bool Standby::IsSettled(const std::vector<Member>& members) const {
  size_t dealt = 0;
  for (const auto& member : members) dealt += member.partitions.size();
  return dealt == static_cast<size_t>(partitions_) && std::ranges::count(members, environment_.instance, &Member::instance) > 0;
}

Status Standby::Keep(const std::set<int32_t>& share) {
  catwalk::Log("streams")->info("{}: keeps the state of other processes' tasks at hand: {}", copies_.group, Printed(share));
  std::erase_if(kept_, [&](const auto& copy) { return !share.contains(copy.first); });
  ASSIGN_OR_RETURN(const Offsets begins, environment_.log.BeginOffsets({changelog_}));
  // With what is open: the marker of this process's own last commit there may still be on its way.
  ASSIGN_OR_RETURN(const Offsets ends, environment_.log.EndOffsets({changelog_}, Isolation::kReadUncommitted));
  for (const int32_t partition : share) {
    if (!kept_.contains(partition)) RETURN_IF_ERROR(Begin(partition, begins.at(Changelog(partition)), ends.at(Changelog(partition))));
  }
  return AssignReader();
}

/// Nothing happens if a worker of this process has the task: what the group says is older than that.
Status Standby::Begin(int32_t partition, int64_t begin, int64_t end) {
  const Lease lease(environment_.leases, partition, LeaseTable::kStandby);
  if (!lease.held()) return Status::Ok();
  const int64_t now_ms = environment_.clock.NowMs();
  ASSIGN_OR_RETURN(ReplayStart start, StartReplay(copies_, partition, begin, end, now_ms));
  if (start.in_full) {
    start.checkpoint.set_changelog_offset(start.offset);
    start.checkpoint.set_committed_at_ms(now_ms);
    state::WriteBatch batch;
    PutCheckpoint(copies_.checkpoint_store, copies_.group, partition, start.checkpoint, &batch);
    RETURN_IF_ERROR(environment_.database.Write(batch));
  }
  kept_[partition] = std::move(start.checkpoint);
  return Status::Ok();
}

Status Standby::AssignReader() {
  if (kept_.empty()) {
    reader_.reset();
    return Status::Ok();
  }
  if (!reader_) {
    ASSIGN_OR_RETURN(reader_, environment_.log.OpenReader());
  }
  Offsets from;
  for (const auto& [partition, checkpoint] : kept_) from[Changelog(partition)] = checkpoint.changelog_offset();
  return reader_->Assign(from);
}

/// Brings the copies on for which something has come, or `all`, so that their rows say when they were known to be complete.
Status Standby::Follow(bool all) {
  std::vector<schemas::Record> polled;
  RETURN_IF_ERROR(reader_->Poll(kNoWait, kPollBytes, &polled));
  std::map<int32_t, std::vector<schemas::Record>> records;
  for (auto& record : polled) records[record.partition].push_back(std::move(record));
  for (auto copy = kept_.begin(); copy != kept_.end();) {
    auto& [partition, checkpoint] = *copy;
    bool ours = true;
    if (all || reader_->Position(Changelog(partition)) > checkpoint.changelog_offset()) {
      ASSIGN_OR_RETURN(ours, Advance(partition, records[partition], &checkpoint));
    }
    copy = ours ? std::next(copy) : kept_.erase(copy);
  }
  return Status::Ok();
}

/// False if a worker of this process has the task, or has had it: then the copy is not as it was left.
Result<bool> Standby::Advance(int32_t partition, const std::vector<schemas::Record>& records, schemas::Checkpoint* checkpoint) {
  const Lease lease(environment_.leases, partition, LeaseTable::kStandby);
  if (!lease.held()) return false;
  ASSIGN_OR_RETURN(const auto row, ReadCheckpoint(environment_.database.Store(copies_.checkpoint_store), copies_.group, partition));
  if (!row || row->changelog_offset() != checkpoint->changelog_offset()) return false;
  state::WriteBatch batch;
  for (const auto& record : records) ReplayRecord(record, copies_.stores, checkpoint, &batch);
  checkpoint->set_changelog_offset(std::max(reader_->Position(Changelog(partition)), checkpoint->changelog_offset()));
  if (checkpoint->changelog_offset() >= ends_.at(Changelog(partition))) checkpoint->set_committed_at_ms(environment_.clock.NowMs());
  PutCheckpoint(copies_.checkpoint_store, copies_.group, partition, *checkpoint, &batch);
  Reach(environment_.crash_plan, CrashPoint::kDuringRestore);
  RETURN_IF_ERROR(environment_.database.Write(batch));
  return true;
}

void Standby::Report() const {
  int64_t lag = 0;
  for (const auto& [partition, checkpoint] : kept_)
    lag += std::max<int64_t>(0, ends_.at(Changelog(partition)) - checkpoint.changelog_offset());
  environment_.metrics.standby_tasks.Set(static_cast<double>(kept_.size()));
  environment_.metrics.standby_lag_records.Set(static_cast<double>(lag));
}

}  // namespace catwalk::streams
