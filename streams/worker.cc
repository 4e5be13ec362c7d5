#include "streams/worker.h"

#include <algorithm>

#include "base/logging.h"
#include "streams/mutation.h"

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;

/// Records a task takes before the next task's turn: short enough that no partition waits long for another.
constexpr size_t kTurn = 512;
constexpr milliseconds kRestoreWait{5};
constexpr int64_t kReportEveryUs = 100'000;
/// What fails so often is no passing trouble: whoever makes the worker anew waits longer each time, and tells why.
constexpr int kMostAbortsInARow = 5;

TransportOptions OptionsOf(const WorkerEnvironment& environment, int index) {
  return {.group = environment.topology.GroupOf(environment.sub),
          .topics = environment.topology.SourceNames(environment.sub),
          .instance = environment.instance,
          .worker = index,
          .restarted = environment.restarted,
          .address = environment.address,
          .workers = environment.sub.workers,
          .changelog_topic = environment.log.needs_changelog() ? environment.topology.names().Of(environment.sub.changelog) : "",
          .checkpoint_store = environment.checkpoint_store,
          .crash_plan = environment.crash_plan};
}

Restorer::Options RestoreOptions(const WorkerEnvironment& environment) {
  return {.group = environment.topology.GroupOf(environment.sub),
          .sources = environment.topology.SourceNames(environment.sub),
          .changelog_topic = environment.topology.names().Of(environment.sub.changelog),
          .checkpoint_store = environment.checkpoint_store,
          .stores = environment.stores,
          .crash_plan = environment.crash_plan};
}

/// As it is, but for two mutations.
schemas::Checkpoint Misplaced(schemas::Checkpoint from) {
  const int64_t by = Mutated(Mutation::kDoubleReplay) ? -1 : Mutated(Mutation::kSkipInput) ? 1 : 0;
  if (by == 0) return from;
  for (auto& source : *from.mutable_sources()) {
    if (source.offset() > 0) source.set_offset(source.offset() + by);
  }
  return from;
}

}  // namespace

Result<std::map<std::string, uint32_t>> OpenStores(const SubTopology& sub, state::Database& database) {
  std::map<std::string, uint32_t> stores;
  for (const auto& store : sub.make_pipeline()->Stores()) {
    ASSIGN_OR_RETURN(stores[store.name], database.OpenStore(sub.name + "-" + store.name));
  }
  return stores;
}

Worker::Worker(const WorkerEnvironment& environment, int index, WorkerStatus& status, std::unique_ptr<Transport> transport)
    : environment_(environment),
      index_(index),
      status_(status),
      trouble_(status, environment.topology.GroupOf(environment.sub) + "-" + std::to_string(index)),
      transport_(std::move(transport)),
      restorer_(RestoreOptions(environment), environment.log, environment.database, environment.clock, environment.metrics),
      breaker_(environment.sub.rejections) {}

Result<std::unique_ptr<Worker>> Worker::Start(const WorkerEnvironment& environment, int index,
                                              WorkerStatus& status) {
  ASSIGN_OR_RETURN(auto transport, environment.log.OpenTransport(OptionsOf(environment, index)));
  std::unique_ptr<Worker> worker(new Worker(environment, index, status, std::move(transport)));
  RETURN_IF_ERROR(worker->transport_->Start(*worker));
  return worker;
}

Worker::~Worker() {
  if (held_up_) environment_.metrics.breakers_open.Decrement();
  closing_ = true;  // a transport that leaves its group calls the listener: nothing is left to be told
  for (auto& [partition, task] : tasks_) {
    task->Close();
    environment_.leases.Release(partition, index_);
  }
  for (const int32_t partition : starting_) environment_.leases.Release(partition, index_);
  for (const int32_t partition : restorer_.partitions()) environment_.leases.Release(partition, index_);
  tasks_.clear();
  transport_.reset();
}

Status Worker::Step(milliseconds max_wait) {
  const Status status = Round(max_wait);
  trouble_.Note(status, environment_.clock.SteadyUs());
  if (status.ok() || status.retryable()) return Status::Ok();
  if (status.abortable() && ++aborts_in_a_row_ < kMostAbortsInARow) return AbortAndRewind(status);
  return status;
}

Status Worker::Round(milliseconds max_wait) {
  polled_.clear();
  RETURN_IF_ERROR(transport_->Poll(WaitTime(max_wait), &polled_));
  RETURN_IF_ERROR(revocation_);
  if (!polled_.empty()) Reach(environment_.crash_plan, CrashPoint::kAfterPoll);
  Route();
  RETURN_IF_ERROR(StartTasks());
  RETURN_IF_ERROR(Work());
  ReportStatus();
  RETURN_IF_ERROR(ApplyBackpressure());
  return CheckBreaker();
}

/// What has begun here cannot be begun again where it stopped: records are taken, tables have given their changes.
Status Worker::Work() {
  Status status = ProcessTasks();
  if (status.ok() && CommitDue()) status = Commit();
  if (status.ok()) status = PublishWhenIdle();
  return status.retryable() ? Status(status.code(), status.message(), Recovery::kAbortable) : status;
}

Status Worker::CheckBreaker() {
  const bool open = breaker_.IsOpen(environment_.clock.SteadyUs());
  if (open != held_up_) environment_.metrics.breakers_open.Increment(open ? 1 : -1);
  held_up_ = open;
  return open ? Status(Code::kBackpressure, breaker_.Reason(), Recovery::kRetryable) : Status::Ok();
}

milliseconds Worker::WaitTime(milliseconds max_wait) const {
  const bool may_work = !breaker_.IsOpen(environment_.clock.SteadyUs());
  for (const auto& [partition, task] : tasks_) {
    if (may_work && task->HasWork()) return milliseconds(0);
  }
  milliseconds wait = Restoring() ? std::min(max_wait, kRestoreWait) : max_wait;
  if (!uncommitted_.any()) return wait;
  const int64_t due_us = uncommitted_.since_us + CommitIntervalUs() - environment_.clock.SteadyUs();
  return std::min(wait, milliseconds(std::max<int64_t>(0, (due_us + 999) / 1000)));
}

void Worker::Route() {
  for (auto& record : polled_) {
    const auto task = tasks_.find(record.partition);
    if (task != tasks_.end()) task->second->Enqueue(std::move(record));
  }
  for (auto& [partition, task] : tasks_) task->RefreshProgress();
}

Status Worker::StartTasks() {
  std::vector<int32_t> leased;
  for (const int32_t partition : starting_) {
    if (environment_.leases.TryAcquire(partition, index_)) leased.push_back(partition);
  }
  if (!leased.empty()) RETURN_IF_ERROR(restorer_.Begin(leased));
  for (const int32_t partition : leased) starting_.erase(partition);
  if (!restorer_.active()) return Status::Ok();
  ASSIGN_OR_RETURN(const auto restored, restorer_.Step(tasks_.empty() ? kRestoreWait : milliseconds(0)));
  for (const auto& [partition, checkpoint] : restored) starting_.insert(partition);  // again, if it cannot begin
  for (const auto& [partition, checkpoint] : restored) {
    RETURN_IF_ERROR(Launch(partition, checkpoint));
    starting_.erase(partition);
  }
  return Status::Ok();
}

Status Worker::Launch(int32_t partition, const schemas::Checkpoint& from) {
  auto task = std::make_unique<Task>(TaskView(), partition, Misplaced(from));
  RETURN_IF_ERROR(task->Open(environment_.tables()));
  RETURN_IF_ERROR(transport_->StartPartition(partition, Misplaced(from)));
  Reach(environment_.crash_plan, CrashPoint::kDuringAssignment);
  task->RefreshProgress();
  tasks_[partition] = std::move(task);
  settled_ = false;
  return Status::Ok();
}

TaskEnvironment Worker::TaskView() {
  return {environment_.topology, environment_.sub,   environment_.topics,  environment_.database,        environment_.stores,
          *transport_,           environment_.clock, environment_.metrics, environment_.log.needs_changelog(),
          environment_.crash_plan};
}

Status Worker::ProcessTasks() {
  for (auto& [partition, task] : tasks_) {
    if (!task->HasWork()) continue;
    if (breaker_.IsOpen(environment_.clock.SteadyUs())) return Status::Ok();
    if (!uncommitted_.tables) uncommitted_.tables = environment_.tables();
    if (!uncommitted_.any()) uncommitted_.since_us = environment_.clock.SteadyUs();
    settled_ = false;
    ASSIGN_OR_RETURN(const size_t count, task->Process(kTurn, uncommitted_.tables));
    uncommitted_.records += static_cast<int64_t>(count);
    environment_.metrics.records_in.Increment(static_cast<double>(count));
    breaker_.Count(static_cast<int64_t>(count), task->TakeRejected(), environment_.clock.SteadyUs());
  }
  return Status::Ok();
}

bool Worker::CommitDue() const {
  if (!uncommitted_.any()) return false;
  const auto& limits = environment_.sub.commit;
  if (uncommitted_.records >= limits.records) return true;
  if (environment_.clock.SteadyUs() - uncommitted_.since_us >= CommitIntervalUs()) return true;
  uint64_t dirty = 0;
  for (const auto& [partition, task] : tasks_) dirty += task->dirty_bytes();
  return dirty >= static_cast<uint64_t>(limits.state_bytes);
}

int64_t Worker::CommitIntervalUs() const {
  const auto& limits = environment_.sub.commit;
  return 1000 * (Drained() ? limits.interval_ms : std::max(limits.interval_ms, limits.backlog_interval_ms));
}

/// No input waits.
bool Worker::Drained() const {
  return std::all_of(tasks_.begin(), tasks_.end(), [](const auto& entry) { return entry.second->drained(); });
}

Status Worker::Commit() {
  const int64_t began_us = environment_.clock.SteadyUs();
  if (!uncommitted_.tables) uncommitted_.tables = environment_.tables();
  changes_.Clear();
  CommitRequest request;
  request.state = &changes_;
  for (auto& [partition, task] : tasks_) {
    if (!task->touched()) continue;
    RETURN_IF_ERROR(task->OnTimer(false, uncommitted_.tables));
    RETURN_IF_ERROR(task->Prepare(&request.tasks.emplace_back(), &changes_));
  }
  environment_.metrics.dirty_bytes.Set(static_cast<double>(changes_.bytes()));
  Reach(environment_.crash_plan, CrashPoint::kAfterProduce);
  if (!request.tasks.empty()) RETURN_IF_ERROR(transport_->Commit(request));
  for (auto& [partition, task] : tasks_) {
    if (!task->touched()) continue;
    Observe(*task);
    task->Committed();
  }
  uncommitted_ = {};
  aborts_in_a_row_ = 0;
  environment_.metrics.commits.Increment();
  environment_.metrics.commit_seconds.Observe(static_cast<double>(environment_.clock.SteadyUs() - began_us) / 1e6);
  return Status::Ok();
}

void Worker::Observe(const Task& committed) {
  environment_.metrics.records_out.Increment(static_cast<double>(committed.produced()));
  environment_.metrics.ObserveLatency(committed.processed_timestamps(), environment_.clock.NowMs());
  if (!committed.processed_timestamps().empty()) last_timestamp_ms_ = committed.processed_timestamps().back();
}

/// When nothing is left to do: lets operators publish what they held back, once, and commits that. While draining it goes on looking:
/// the marker of the last transaction may come after all records were worked off, and no record says so.
Status Worker::PublishWhenIdle() {
  if ((settled_ && !draining_) || Restoring() || uncommitted_.any()) return Status::Ok();
  if (!Drained()) return Status::Ok();
  const auto tables = environment_.tables();
  for (auto& [partition, task] : tasks_) {
    if (!settled_) RETURN_IF_ERROR(task->OnTimer(true, tables));
    if (draining_) task->SkipToPositions();
  }
  const bool touched = std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) { return entry.second->touched(); });
  if (touched) RETURN_IF_ERROR(Commit());
  settled_ = true;
  return Status::Ok();
}

bool Worker::Settled() const { return settled_ && !Restoring(); }

void Worker::SetDraining() {
  if (draining_) return;
  draining_ = true;
  settled_ = false;
}

Status Worker::ApplyBackpressure() {
  const int64_t limit = environment_.sub.source_buffer_bytes;
  for (auto& [partition, task] : tasks_) {
    for (auto& source : task->sources()) {
      if (!source.paused && source.bytes() > limit) {
        RETURN_IF_ERROR(transport_->Pause(source.source()));
        source.paused = true;
      } else if (source.paused && source.bytes() < limit / 2) {
        RETURN_IF_ERROR(transport_->Resume(source.source()));
        source.paused = false;
      }
    }
  }
  return Status::Ok();
}

Status Worker::AbortAndRewind(const Status& why) {
  catwalk::Log("streams")->warn("{}-{}: aborting a transaction, it will be tried anew: {}",
                                environment_.topology.GroupOf(environment_.sub), index_, why.message());
  environment_.metrics.aborts.Increment();
  RETURN_IF_ERROR(transport_->Abort());
  uncommitted_ = {};
  settled_ = false;
  for (auto& [partition, task] : tasks_) {
    task->Aborted();
    RETURN_IF_ERROR(transport_->StartPartition(partition, task->committed()));
  }
  return Status::Ok();
}

void Worker::OnAssigned(std::span<const int32_t> partitions) {
  if (closing_) return;
  environment_.metrics.rebalances.Increment();
  Reach(environment_.crash_plan, CrashPoint::kDuringAssignment);
  // In this order: who sees that there was an assignment must not take an earlier idleness for the end of its work.
  settled_ = false;
  status_.settled.store(false, std::memory_order_release);
  status_.assigned.store(true, std::memory_order_release);
  for (const int32_t partition : partitions) {
    if (!tasks_.contains(partition)) starting_.insert(partition);
  }
}

void Worker::OnRevoked(std::span<const int32_t> partitions) {
  if (closing_) return;
  environment_.metrics.rebalances.Increment();
  if (Mutated(Mutation::kIgnoreRevoke)) return;
  Reach(environment_.crash_plan, CrashPoint::kDuringRevocation);
  if (uncommitted_.any()) {
    if (const Status status = Commit(); !status.ok()) {
      catwalk::Log("streams")->warn("commit on revocation failed, its records will be processed again: {}", status.message());
      environment_.metrics.aborts.Increment();
      if (status.fatal()) revocation_ = status;
      return AbortAndDrop(partitions);
    }
  }
  Reach(environment_.crash_plan, CrashPoint::kDuringRevocation);
  Drop(partitions);
}

void Worker::OnLost(std::span<const int32_t> partitions) {
  if (closing_) return;
  environment_.metrics.rebalances.Increment();
  AbortAndDrop(partitions);
}

/// Tasks that stay begin anew from the last commit.
void Worker::AbortAndDrop(std::span<const int32_t> partitions) {
  if (const Status status = transport_->Abort(); !status.ok()) {
    catwalk::Log("streams")->warn("abort on giving tasks up failed: {}", status.message());
    if (status.fatal()) revocation_ = status;
  }
  for (auto& [partition, task] : tasks_) task->Aborted();
  uncommitted_ = {};
  Drop(partitions);
  for (auto& [partition, task] : tasks_) {
    if (const Status status = transport_->StartPartition(partition, task->committed()); !status.ok()) {
      catwalk::Log("streams")->warn("rewinding task {} failed: {}", partition, status.message());
    }
  }
}

void Worker::Drop(std::span<const int32_t> partitions) {
  for (const int32_t partition : partitions) {
    restorer_.Cancel(partition);
    starting_.erase(partition);
    if (const auto found = tasks_.find(partition); found != tasks_.end()) {
      found->second->Close();
      tasks_.erase(found);
    }
    environment_.leases.Release(partition, index_);
  }
}

void Worker::ReportStatus() {
  const bool settled = Settled();
  status_.settled.store(settled, std::memory_order_release);
  status_.restoring.store(Restoring(), std::memory_order_relaxed);
  const int64_t now_us = environment_.clock.SteadyUs();
  if (now_us - reported_us_ < kReportEveryUs) return;
  reported_us_ = now_us;
  int64_t lag = 0;
  for (const auto& [partition, task] : tasks_) {
    for (const auto& source : task->sources()) {
      const auto progress = transport_->Progress(source.source());
      lag += std::max<int64_t>(0, progress.known_end - progress.position) + static_cast<int64_t>(source.size());
    }
  }
  status_.tasks.store(static_cast<int64_t>(tasks_.size()), std::memory_order_relaxed);
  status_.lag_records.store(lag, std::memory_order_relaxed);
  const int64_t age = lag == 0 ? 0 : std::max<int64_t>(0, environment_.clock.NowMs() - last_timestamp_ms_);
  status_.lag_ms.store(age, std::memory_order_relaxed);
}

Status Worker::Stop(bool keep_membership) {
  if (stopped_) return Status::Ok();
  stopped_ = true;
  Reach(environment_.crash_plan, CrashPoint::kDuringStop);
  const Status status = transport_->Stop(keep_membership);
  Reach(environment_.crash_plan, CrashPoint::kDuringStop);
  return status;
}

}  // namespace catwalk::streams
