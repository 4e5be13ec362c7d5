#include "streams/stepper.h"

#include <algorithm>

#include "streams/checkpoint.h"

namespace catwalk::streams {
namespace {

constexpr int kMostRounds = 100'000;
constexpr std::chrono::milliseconds kNoWait{0};

}  // namespace

struct Stepper::Stage {
  Stage(const SubTopology& of, prometheus::Registry& registry) : sub(of), metrics(registry, of.name) {}

  const SubTopology& sub;
  WorkerMetrics metrics;
  LeaseTable leases;
  std::map<std::string, uint32_t> stores;
  WorkerStatus status;
  std::unique_ptr<Worker> worker;
};

Stepper::Stepper(const Replica::Options& replica, const Topology& topology, Log& log, state::Database& database,
                 const Clock& clock)
    : replica_options_(replica), topology_(topology), log_(log), database_(database), clock_(clock) {}

Stepper::~Stepper() = default;

Result<std::unique_ptr<Stepper>> Stepper::Open(const Replica::Options& replica, const Topology& topology, Log& log,
                                               state::Database& database, const Clock& clock,
                                               prometheus::Registry& registry) {
  std::unique_ptr<Stepper> stepper(new Stepper(replica, topology, log, database, clock));
  RETURN_IF_ERROR(stepper->Prepare(registry));
  RETURN_IF_ERROR(stepper->Restart());
  return stepper;
}

Status Stepper::Prepare(prometheus::Registry& registry) {
  ASSIGN_OR_RETURN(topics_, topology_.Validate(log_));
  ASSIGN_OR_RETURN(checkpoint_store_, database_.OpenStore(kCheckpointStore));
  for (const auto& sub : topology_.sub_topologies()) {
    auto& stage = *stages_.emplace_back(std::make_unique<Stage>(sub, registry));
    ASSIGN_OR_RETURN(stage.stores, OpenStores(sub, database_));
  }
  return Status::Ok();
}

Status Stepper::Restart() {
  for (auto& stage : stages_) stage->worker.reset();
  replica_.reset();
  ASSIGN_OR_RETURN(replica_, Replica::Open(replica_options_, topology_.names(), log_, database_, clock_));
  for (auto& stage : stages_) {
    ASSIGN_OR_RETURN(stage->worker, Worker::Start(EnvironmentOf(*stage), 0, stage->status));
  }
  return Status::Ok();
}

WorkerEnvironment Stepper::EnvironmentOf(Stage& stage) {
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
          .instance = "stepper",
          .address = ""};
}

Result<bool> Stepper::Round() {
  const bool settled_before = Settled();
  const double commits_before = Commits();
  const int64_t applied_before = replica_->applied();
  const auto tables_before = replica_->Current();
  RETURN_IF_ERROR(replica_->Step(kNoWait));
  RETURN_IF_ERROR(RoundOfWorkers());
  return !settled_before || !Settled() || Commits() != commits_before || replica_->applied() != applied_before ||
         replica_->Current() != tables_before;
}

Status Stepper::RoundOfWorkers() {
  for (auto& stage : stages_) RETURN_IF_ERROR(stage->worker->Step(kNoWait));
  return Status::Ok();
}

Status Stepper::Settle(const std::function<void()>& after_round) {
  for (int round = 0; round < kMostRounds; ++round) {
    ASSIGN_OR_RETURN(const bool moved, Round());
    after_round();
    if (!moved) return Status::Ok();
  }
  return {Code::kTimeout, "the topology does not come to rest within " + std::to_string(kMostRounds) + " rounds"};
}

bool Stepper::Settled() const {
  return std::all_of(stages_.begin(), stages_.end(), [](const auto& stage) { return stage->worker->Settled(); });
}

double Stepper::Commits() const {
  double commits = 0;
  for (const auto& stage : stages_) commits += stage->metrics.commits.Value();
  return commits;
}

Result<uint32_t> Stepper::StoreNumber(const std::string& sub_topology, const std::string& store) const {
  for (const auto& stage : stages_) {
    if (stage->sub.name != sub_topology) continue;
    if (const auto found = stage->stores.find(store); found != stage->stores.end()) return found->second;
  }
  return Status(Code::kNotFound, "no store " + store + " in sub-topology " + sub_topology);
}

WorkerMetrics* Stepper::MetricsOf(const std::string& sub_topology) const {
  for (const auto& stage : stages_) {
    if (stage->sub.name == sub_topology) return &stage->metrics;
  }
  return nullptr;
}

}  // namespace catwalk::streams
