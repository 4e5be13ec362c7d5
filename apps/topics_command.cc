#include "apps/topics_command.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>
#include <memory>

#include "apps/log_flags.h"
#include "apps/opened_log.h"
#include "apps/topic_plan.h"
#include "base/clock.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Prints every topic that catwalk reads or writes, and how it stands: with --kafka in the cluster, else in the
embedded log of --state-dir. Topics keyed alike need equally many partitions.

Example: make on a broker what is missing
  catwalk topics --create --partitions 8 --kafka 127.0.0.1:9092)";

struct Flags {
  LogFlags log;
  bool create = false;
  int partitions = 0;  // 0: as configured
  bool json = false;
};

Status PrintPlan(streams::Log* log, const schemas::TopicNames& names, int partitions, bool json) {
  std::map<std::string, streams::TopicState> found;
  if (log != nullptr) {
    ASSIGN_OR_RETURN(found, log->ListTopics());
  }
  const auto plan = PlanTopics(names, found, partitions);
  std::cout << (json ? PlanJson(plan, log != nullptr) : DescribePlan(plan, log != nullptr)) << std::flush;
  return CheckPlan(plan);
}

Result<int> RunTopics(const Flags& flags) {
  using Access = OpenedLog::Access;
  const SystemClock clock;
  Settings settings;
  RETURN_IF_ERROR(LoadSettings(flags.log, &settings));
  if (flags.partitions > 0) settings.partitions = flags.partitions;
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  auto opened = OpenedLog::Open(settings, flags.create ? Access::kWrite : Access::kRead, clock);
  const bool none_yet = opened.status().code() == Code::kNotFound && flags.log.state_dir.empty() && !flags.create;
  if (!opened.ok() && !none_yet) return opened.status();
  streams::Log* log = none_yet ? nullptr : &(*opened)->log();
  if (flags.create) RETURN_IF_ERROR(CreateMissingTopics(*log, names, settings.partitions));
  RETURN_IF_ERROR(PrintPlan(log, names, settings.partitions, flags.json));
  return 0;
}

}  // namespace

void AddTopicsCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<Flags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("topics", "Print the topics and how they stand, or make what is missing");
  command->add_flag("--create", flags->create, "Make the topics that are missing");
  command->add_option("--partitions", flags->partitions,
                      "Partitions of user- and design-keyed topics it makes (default 4)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  AddLogFlags(command, &flags->log);
  command->add_flag("--json", flags->json, "One JSON object a topic");
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return RunTopics(*flags); }; });
}

}  // namespace catwalk::apps
