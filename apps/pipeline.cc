#include "apps/pipeline.h"

#include "apps/bindings.h"
#include "apps/instance_id.h"
#include "apps/opened_log.h"
#include "apps/pipeline_settings.h"
#include "serve/build_info.h"
#include "serve/event_routes.h"
#include "serve/operation_routes.h"
#include "serve/query_routes.h"
#include "state/memory_limit.h"
#include "state/rocksdb_database.h"

namespace catwalk::apps {

namespace {

serve::BuildInfo CurrentBuild() {
  return {.version = CATWALK_VERSION,
          .compiler = "gcc " __VERSION__,
          .build_type = CATWALK_BUILD,
          .rdkafka = streams::KafkaClientVersion()};
}

/// State can be kept at hand for the tasks of others only where there are others, and they tell who has what.
Status CheckStandby(const Settings& settings) {
  if (settings.pipeline.standby == 0 || (settings.on_kafka() && settings.kafka.group_protocol == "classic")) return Status::Ok();
  return {Code::kInvalidConfig, "run.standby is " + std::to_string(settings.pipeline.standby) +
                                    ", which takes Kafka (kafka.bootstrap) and kafka.group_protocol \"classic\"; set these, or leave it out"};
}

}  // namespace

Result<streams::Topology> TopologyOf(const Settings& settings) {
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  streams::Topology topology = MakeTopology(settings.kafka.app, names, settings.pipeline);
  if (topology.sub_topologies().empty()) {
    return Status(Code::kInvalidConfig, "run.sub_topologies is \"" + settings.pipeline.sub_topologies +
                                            "\"; name some of users, designs, model");
  }
  return topology;
}

Result<std::unique_ptr<Pipeline>> Pipeline::Open(const Settings& settings, const Clock& clock) {
  RETURN_IF_ERROR(CheckStandby(settings));
  std::unique_ptr<Pipeline> pipeline(new Pipeline(clock));
  RETURN_IF_ERROR(pipeline->OpenLog(settings));
  ASSIGN_OR_RETURN(auto topology, TopologyOf(settings));
  pipeline->topology_ = std::make_unique<streams::Topology>(std::move(topology));

  streams::RunnerOptions options;
  options.replica = ReplicaOptions(settings.pipeline);
  options.keep_membership = settings.pipeline.keep_membership;
  options.ready_lag_ms = settings.pipeline.ready_lag_ms;
  options.standby = settings.pipeline.standby;
  options.crash_plan = settings.crash_plan;
  ASSIGN_OR_RETURN(options.instance, InstanceId(settings.pipeline.instance, settings.state_dir));
  ASSIGN_OR_RETURN(pipeline->runner_, streams::Runner::Open(options, *pipeline->topology_, *pipeline->log_,
                                                            *pipeline->database_, clock, *pipeline->registry_));
  pipeline->queries_ = MakeQueries(*pipeline->runner_, *pipeline->database_, *pipeline->log_, clock, *pipeline->topology_,
                                   UserOptionsOf(settings.pipeline));
  pipeline->health_ = MakeHealth(*pipeline->runner_);
  serve::ExportBuildInfo(CurrentBuild(), pipeline->registry_.get());
  pipeline->advertised_ = settings.pipeline.advertise;
  return pipeline;
}

Status Pipeline::OpenLog(const Settings& settings) {
  state::RocksDbOptions options;
  options.path = settings.state_dir;
  options.memory_bytes = settings.state_memory_bytes;
  if (options.memory_bytes == 0) options.memory_bytes = state::DefaultStoreMemory(settings.MemoryCeiling());
  options.only_copy = !settings.on_kafka();
  options.crash_plan = settings.crash_plan;
  ASSIGN_OR_RETURN(database_, state::OpenRocksDb(options));
  memory_guard_ = std::make_unique<MemoryGuard>(settings.MemoryCeiling(), *database_, *registry_);
  if (settings.on_kafka()) {
    ASSIGN_OR_RETURN(log_, streams::OpenKafkaLog(database_.get(), clock_, settings.kafka));
    return Status::Ok();
  }
  streams::EmbeddedLogOptions embedded = settings.embedded;
  embedded.location = settings.state_dir;
  ASSIGN_OR_RETURN(log_, streams::OpenEmbeddedLog(*database_, clock_, embedded));
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  return CreateMissingTopics(*log_, names, settings.partitions);
}

Result<std::string> Pipeline::Serve(const std::string& address) {
  serve::HttpServerOptions options;
  ASSIGN_OR_RETURN(options.listen, serve::ListenAddress::Parse(address));
  ASSIGN_OR_RETURN(sink_, MakeEventSink(*log_));
  serve::Router router;
  serve::AddEventRoutes(&router, *sink_, names(), clock_);
  serve::AddQueryRoutes(&router, *queries_);
  serve::AddOperationRoutes(&router, *health_, *registry_);
  ASSIGN_OR_RETURN(http_, serve::HttpServer::Start(options, std::move(router), registry_.get(), clock_));
  const std::string listening = http_->address().ToString();
  if (advertised_.empty()) advertised_ = listening;
  return listening;
}

void Pipeline::Start() { runner_->Start(http_ ? advertised_ : ""); }

Pipeline::~Pipeline() { Stop(); }

void Pipeline::Stop() {
  if (http_) http_->Stop();
  if (runner_) runner_->Stop();
}

}  // namespace catwalk::apps
