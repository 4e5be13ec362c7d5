#include "streams/runner.h"

#include <algorithm>
#include <utility>

#include "base/logging.h"
#include "streams/checkpoint.h"
#include "streams/local_copy.h"
#include "streams/restart_policy.h"
#include "streams/standby.h"

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStepWait{50};
constexpr milliseconds kEndPoll{20};
/// What a standby is behind by, at least; and what a task that comes here may wait for it.
constexpr milliseconds kStandbyPause{50};
constexpr int64_t kGaugesEveryUs = 500'000;
constexpr int64_t kLookAtCopiesEveryUs = 600'000'000;
constexpr int64_t kSayWhyEveryUs = 5'000'000;

bool HasReached(const Offsets& committed, const Offsets& ends) {
  return std::all_of(ends.begin(), ends.end(), [&](const auto& end) {
    const auto found = committed.find(end.first);
    return end.second == 0 || (found != committed.end() && found->second >= end.second);
  });
}

/// What a stage has still to reach, for people.
std::string Remaining(const Offsets& ends, const Offsets& committed) {
  std::string text;
  for (const auto& [source, end] : ends) {
    const auto found = committed.find(source);
    const int64_t at = found == committed.end() ? 0 : std::max<int64_t>(found->second, 0);
    if (at >= end) continue;
    text += (text.empty() ? "" : ", ") + source.topic + "/" + std::to_string(source.partition) + " is at " + std::to_string(at) +
            " of " + std::to_string(end);
  }
  return text.empty() ? "its workers are not at rest" : text;
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Runner::Runner(const RunnerOptions& options, const Topology& topology, Log& log, state::Database& database,
               const Clock& clock, prometheus::Registry& registry)
    : options_(options),
      topology_(topology),
      log_(log),
      database_(database),
      clock_(clock),
      state_bytes_(Gauge(registry, "catwalk_state_bytes", "Bytes of state on disk.")),
      memory_bytes_(Gauge(registry, "catwalk_state_memory_bytes", "Bytes of state in memory (memtables and block cache).")),
      stalls_(Gauge(registry, "catwalk_rocksdb_stalls", "Writes that RocksDB has stalled since start.")),
      stall_seconds_(Gauge(registry, "catwalk_rocksdb_stall_seconds", "Seconds that RocksDB has stalled writes since start.")),
      replica_records_(Gauge(registry, "catwalk_replica_records", "Records of the global tables applied since start.")) {
  for (const auto& sub : topology.sub_topologies()) stages_.push_back(std::make_unique<Stage>(sub, registry));
}

Result<std::unique_ptr<Runner>> Runner::Open(const RunnerOptions& options, const Topology& topology, Log& log,
                                             state::Database& database, const Clock& clock,
                                             prometheus::Registry& registry) {
  std::unique_ptr<Runner> runner(new Runner(options, topology, log, database, clock, registry));
  RETURN_IF_ERROR(runner->Prepare());
  return runner;
}

Runner::~Runner() { Stop(); }

Status Runner::Prepare() {
  ASSIGN_OR_RETURN(topics_, topology_.Validate(log_));
  ASSIGN_OR_RETURN(checkpoint_store_, database_.OpenStore(kCheckpointStore));
  for (auto& stage : stages_) {
    ASSIGN_OR_RETURN(stage->stores, OpenStores(stage->sub, database_));
    for (int i = 0; i < stage->sub.workers; ++i) stage->workers.push_back(std::make_unique<WorkerStatus>());
  }
  for (const auto& stage : stages_) RETURN_IF_ERROR(FenceFormerWorkers(*stage));
  ASSIGN_OR_RETURN(replica_, Replica::Open(options_.replica, topology_.names(), log_, database_, clock_));
  return Status::Ok();
}

/// Workers fence their predecessors of the same number; those of a time with more workers have no successor to do it.
Status Runner::FenceFormerWorkers(const Stage& stage) {
  const std::string group = topology_.GroupOf(stage.sub);
  ASSIGN_OR_RETURN(const uint32_t store, database_.OpenStore("identities"));
  std::string former;
  ASSIGN_OR_RETURN(const bool found, database_.Store(store).Get(group, &former));
  const int most = found ? std::max(stage.sub.workers, std::stoi(former)) : stage.sub.workers;
  if (most > stage.sub.workers) RETURN_IF_ERROR(log_.FenceIdentities(group, options_.instance, most));
  state::WriteBatch batch;
  batch.Put(store, group, std::to_string(most));
  return database_.Write(batch);
}

void Runner::Start(const std::string& address) {
  {
    const std::scoped_lock lock(mutex_);
    address_ = address;
  }
  threads_.emplace_back([this](const std::stop_token& stop) { RunReplica(stop); });
  for (auto& stage : stages_) {
    for (int i = 0; i < stage->sub.workers; ++i) {
      threads_.emplace_back([this, &stage = *stage, i](const std::stop_token& stop) { RunWorker(stop, stage, i); });
    }
  }
  if (options_.standby == 0) return;
  for (auto& stage : stages_) threads_.emplace_back([this, &stage = *stage](const std::stop_token& stop) { RunStandby(stop, stage); });
}

std::string Runner::address() const {
  const std::scoped_lock lock(mutex_);
  return address_;
}

WorkerEnvironment Runner::EnvironmentOf(Stage& stage) {
  return {.topology = topology_,
          .sub = stage.sub,
          .topics = topics_,
          .log = log_,
          .database = database_,
          .clock = clock_,
          .metrics = stage.metrics,
          .leases = stage.leases,
          .tables = [this] { return replica_->Current(); },
          .stores = stage.stores,
          .checkpoint_store = checkpoint_store_,
          .instance = options_.instance,
          .address = address(),
          .crash_plan = options_.crash_plan};
}

void Runner::RunReplica(const std::stop_token& stop) {
  for (int64_t gauges_us = 0, copies_us = -kLookAtCopiesEveryUs; !stop.stop_requested();) {
    const Status status = replica_->Step(kStepWait);
    const int64_t now_us = clock_.SteadyUs();
    if (now_us - gauges_us >= kGaugesEveryUs) {
      gauges_us = now_us;
      RefreshGauges();
    }
    if (now_us - copies_us >= kLookAtCopiesEveryUs) {
      copies_us = now_us;
      DropUselessState();
    }
    if (status.ok() || status.retryable()) continue;
    return Fail(status.WithPrefix("reading the global tables"));
  }
  if (const Status status = replica_->Checkpoint(); !status.ok()) {
    catwalk::Log("streams")->warn("the last checkpoint of the global tables failed: {}", status.message());
  }
}

/// What goes wrong here costs no task anything but its quick start.
void Runner::RunStandby(const std::stop_token& stop, Stage& stage) {
  while (!replica_->caught_up()) {
    if (SleepUnlessStopped(stop, kEndPoll)) return;
  }
  Standby standby(EnvironmentOf(stage), options_.standby);
  do {
    if (const Status status = standby.Step(); !status.ok())
      catwalk::Log("streams")->warn("state of other processes' tasks is not kept at hand for a while: {}", status.message());
  } while (!SleepUnlessStopped(stop, kStandbyPause));
}

void Runner::RunWorker(const std::stop_token& stop, Stage& stage, int index) {
  while (!replica_->caught_up()) {
    if (SleepUnlessStopped(stop, kEndPoll)) return;
  }
  RestartPolicy restarts;
  for (bool restarted = false; !stop.stop_requested(); restarted = true) {
    const int64_t began_us = clock_.SteadyUs();
    const Status status = LiveOnce(stop, stage, index, restarted);
    if (status.ok()) return;
    const auto pause = restarts.After(status, began_us, clock_.SteadyUs());
    if (!pause.ok()) return Fail(pause.status().WithPrefix(topology_.GroupOf(stage.sub)));
    stage.metrics.restarts.Increment();
    stage.workers[static_cast<size_t>(index)]->SetTrouble(status.message());
    catwalk::Log("streams")->error("{}-{} failed and starts anew in {} ms: {}", topology_.GroupOf(stage.sub), index, pause->count(),
                                   status.message());
    if (SleepUnlessStopped(stop, *pause)) return;
  }
}

Status Runner::LiveOnce(const std::stop_token& stop, Stage& stage, int index, bool restarted) {
  auto& status = *stage.workers[static_cast<size_t>(index)];
  status.assigned = false;
  status.settled = false;
  WorkerEnvironment environment = EnvironmentOf(stage);
  environment.restarted = restarted;
  ASSIGN_OR_RETURN(const auto worker, Worker::Start(environment, index, status));
  while (!stop.stop_requested()) {
    if (stage.draining) worker->SetDraining();
    RETURN_IF_ERROR(worker->Step(kStepWait));
  }
  return worker->Stop(options_.keep_membership);
}

void Runner::Fail(const Status& status) {
  catwalk::Log("streams")->critical("{}", status.message());
  const std::scoped_lock lock(mutex_);
  if (failure_.ok()) failure_ = status;
  changed_.notify_all();
}

Status Runner::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

/// True if asked to stop.
bool Runner::SleepUnlessStopped(const std::stop_token& stop, milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, time, [] { return false; });
  return stop.stop_requested();
}

Status Runner::Wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return !failure_.ok(); });
  return failure_;
}

Status Runner::WaitForEnd(const std::stop_token& stop) {
  for (auto& stage : stages_) {
    RETURN_IF_ERROR(WaitForStage(stop, *stage));
    if (stop.stop_requested()) break;
  }
  return failure();
}

/// Who cannot say for the moment is asked again, as workers do, who tell why.
Result<Offsets> Runner::Ask(const std::stop_token& stop, const std::function<Result<Offsets>()>& question) {
  for (;;) {
    Result<Offsets> answer = question();
    if (!answer.status().retryable() || SleepUnlessStopped(stop, kEndPoll) || !failure().ok()) return answer;
  }
}

Status Runner::WaitForStage(const std::stop_token& stop, Stage& stage) {
  const std::vector<std::string> sources = topology_.SourceNames(stage.sub);
  ASSIGN_OR_RETURN(const Offsets ends, Ask(stop, [&] { return log_.EndOffsets(sources, Isolation::kReadUncommitted); }));
  stage.draining = true;
  for (int64_t said_us = clock_.SteadyUs(); !stop.stop_requested();) {
    RETURN_IF_ERROR(failure());
    ASSIGN_OR_RETURN(const Offsets committed, Ask(stop, [&] { return log_.CommittedOffsets(topology_.GroupOf(stage.sub), sources); }));
    const bool reached = HasReached(committed, ends);
    const bool settled = std::all_of(stage.workers.begin(), stage.workers.end(), [](const auto& worker) {
      return worker->assigned && worker->settled.load(std::memory_order_acquire);
    });
    if (reached && settled) return Status::Ok();
    if (clock_.SteadyUs() - said_us > kSayWhyEveryUs) {
      said_us = clock_.SteadyUs();
      catwalk::Log("streams")->info("{} has not come to its end yet: {}", topology_.GroupOf(stage.sub), Remaining(ends, committed));
    }
    SleepUnlessStopped(stop, kEndPoll);
  }
  return Status::Ok();
}

void Runner::Stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();  // joins
}

Runner::Readiness Runner::Ready() const {
  if (const Status status = failure(); !status.ok()) return {false, status.message()};
  if (!replica_->caught_up()) return {false, "the global tables are still being read"};
  for (const auto& stage : stages_) {
    const std::string group = topology_.GroupOf(stage->sub);
    for (const auto& worker : stage->workers) {
      if (const std::string trouble = worker->trouble(); !trouble.empty()) return {false, group + ": " + trouble};
      if (!worker->assigned) return {false, group + ": waiting for an assignment"};
      if (worker->restoring) return {false, group + ": restoring state"};
      if (worker->lag_ms > options_.ready_lag_ms) {
        return {false, group + ": " + std::to_string(worker->lag_ms / 1000) + " s behind, with " +
                           std::to_string(worker->lag_records.load()) + " records to go"};
      }
    }
  }
  return {true, {}};
}

bool Runner::Owns(const std::string& sub_topology, int32_t partition) const {
  return std::any_of(stages_.begin(), stages_.end(), [&](const auto& stage) {
    return stage->sub.name == sub_topology && stage->leases.IsHeld(partition);
  });
}

Result<uint32_t> Runner::StoreNumber(const std::string& sub_topology, const std::string& store) const {
  for (const auto& stage : stages_) {
    if (stage->sub.name != sub_topology) continue;
    if (const auto found = stage->stores.find(store); found != stage->stores.end()) return found->second;
  }
  return Status(Code::kNotFound, "no store " + store + " in sub-topology " + sub_topology);
}

void Runner::RefreshGauges() {
  for (auto& stage : stages_) {
    int64_t tasks = 0, lag = 0, lag_ms = 0;
    for (const auto& worker : stage->workers) {
      tasks += worker->tasks;
      lag += worker->lag_records;
      lag_ms = std::max<int64_t>(lag_ms, worker->lag_ms);
    }
    stage->metrics.tasks.Set(static_cast<double>(tasks));
    stage->metrics.lag_records.Set(static_cast<double>(lag));
    stage->metrics.lag_seconds.Set(static_cast<double>(lag_ms) / 1000);
  }
  const auto stats = database_.GetStats();
  state_bytes_.Set(static_cast<double>(stats.disk_bytes));
  memory_bytes_.Set(static_cast<double>(stats.memory_bytes));
  stalls_.Set(static_cast<double>(stats.write_stalls));
  stall_seconds_.Set(stats.write_stall_seconds);
  replica_records_.Set(static_cast<double>(replica_->applied()));
}

/// Of tasks given up long ago. Without a changelog the local state is the original.
void Runner::DropUselessState() {
  if (!log_.needs_changelog()) return;
  for (auto& stage : stages_) {
    const LocalCopies copies{database_, topology_.GroupOf(stage->sub), checkpoint_store_, stage->stores};
    if (const auto dropped = DropUselessCopies(copies, stage->leases, clock_.NowMs()); !dropped.ok())
      catwalk::Log("streams")->warn("state of tasks given up is not deleted: {}", dropped.status().message());
  }
}

}  // namespace catwalk::streams
