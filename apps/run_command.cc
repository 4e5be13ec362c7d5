#include "apps/run_command.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>

#include "apps/pipeline.h"
#include "apps/settings.h"
#include "apps/stop_signals.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crash_plan.h"
#include "base/logging.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Examples:
  catwalk run                                     the embedded log in ./catwalk-state, HTTP on 127.0.0.1:8080
  catwalk run --kafka 127.0.0.1:9092 --workers 2  topics on Kafka, state in ./catwalk-state
  catwalk run --until-end                         processes what is there and exits)";

constexpr const char* kDefaultAddress = "127.0.0.1:8080";

struct RunFlags {
  std::string config_file, kafka, state_dir, http, crash_at, sleep_at;
  std::optional<int> workers;
  bool until_end = false;
  bool keep_membership = false;
  bool describe = false;
};

Status Load(const RunFlags& flags, Settings* settings) {
  Config config;
  RegisterSettings(&config, settings);
  if (!flags.config_file.empty()) RETURN_IF_ERROR(config.LoadFile(flags.config_file));
  RETURN_IF_ERROR(config.LoadEnvironment(environ));
  if (!flags.kafka.empty()) RETURN_IF_ERROR(config.SetFlag("kafka.bootstrap", flags.kafka, "--kafka"));
  if (!flags.state_dir.empty()) RETURN_IF_ERROR(config.SetFlag("state.dir", flags.state_dir, "--state-dir"));
  if (flags.workers) RETURN_IF_ERROR(config.SetFlag("users.workers", std::to_string(*flags.workers), "--workers"));
  if (flags.keep_membership) RETURN_IF_ERROR(config.SetFlag("run.keep_membership", "true", "--keep-membership"));
  return SetUpLogging(settings->logging);
}

Result<int> Describe(const Settings& settings) {
  ASSIGN_OR_RETURN(const streams::Topology topology, TopologyOf(settings));
  topology.Describe(std::cout);
  return 0;
}

/// Serves unless the run ends by itself and nobody asked for it.
Status ServeIfWanted(const RunFlags& flags, Pipeline* pipeline) {
  if (flags.until_end && flags.http.empty()) return Status::Ok();
  ASSIGN_OR_RETURN(const std::string address, pipeline->Serve(flags.http.empty() ? kDefaultAddress : flags.http));
  std::cerr << "catwalk: HTTP on http://" << address << std::endl;
  return Status::Ok();
}

Result<int> Run(const RunFlags& flags) {
  Settings settings;
  RETURN_IF_ERROR(Load(flags, &settings));
  if (flags.describe) return Describe(settings);
  std::unique_ptr<CrashPlan> crash_plan;
  if (!flags.crash_at.empty()) {
    ASSIGN_OR_RETURN(crash_plan, CrashPlan::Parse(flags.crash_at));
  } else if (!flags.sleep_at.empty()) {
    ASSIGN_OR_RETURN(crash_plan, CrashPlan::Parse(flags.sleep_at, CrashPlan::Fate::kSleep));
  }
  settings.crash_plan = crash_plan.get();
  const StopSignals signals;
  const SystemClock clock;
  ASSIGN_OR_RETURN(const auto pipeline, Pipeline::Open(settings, clock));
  RETURN_IF_ERROR(ServeIfWanted(flags, pipeline.get()));
  pipeline->Start();
  std::cerr << "catwalk: running on " << pipeline->log().Describe() << ", instance state in " << settings.state_dir << std::endl;
  auto& runner = pipeline->runner();
  const Status status = flags.until_end ? runner.WaitForEnd(signals.token()) : runner.Wait(signals.token());
  pipeline->Stop();
  RETURN_IF_ERROR(status);
  if (flags.until_end && signals.token().stop_requested()) return kExitInterrupted;
  return 0;
}

}  // namespace

void AddRunCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<RunFlags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("run", "Run the pipeline");
  command->add_option("-c,--config", flags->config_file, "Configuration file (YAML)")->type_name("FILE");
  command->add_option("--kafka", flags->kafka, "Brokers to start from; without, the embedded log")->type_name("HOST:PORT");
  command->add_option("--state-dir", flags->state_dir, "Folder of the state, and of the embedded log")->type_name("DIR");
  command->add_option("--http", flags->http, "Where to serve HTTP; port 0: a free one")->type_name("ADDR:PORT");
  command->add_option("--workers", flags->workers, "Threads of the user sub-topology")->type_name("N");
  command->add_flag("--until-end", flags->until_end, "Process what is there now, commit and exit");
  command->add_flag("--keep-membership", flags->keep_membership, "When stopped, leave the tasks to a quick restart");
  CLI::Option* crash = command->add_option("--crash-at", flags->crash_at, "For tests: die as by kill -9 when at a named step for the n-th time");
  crash->type_name("POINT:HIT");
  command->add_option("--sleep-at", flags->sleep_at, "For tests: stop as by SIGSTOP there")->type_name("POINT:HIT")->excludes(crash);
  command->add_flag("--describe", flags->describe, "Print the topology and exit");
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return Run(*flags); }; });
}

}  // namespace catwalk::apps
