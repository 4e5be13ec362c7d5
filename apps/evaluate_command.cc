#include "apps/evaluate_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "apps/evaluate/evaluation.h"
#include "apps/evaluate/report.h"
#include "apps/evaluate/timeline.h"
#include "apps/input_flags.h"
#include "apps/log_flags.h"
#include "apps/replay/bad_lines.h"
#include "apps/replay/byte_source.h"
#include "apps/replay/progress.h"
#include "apps/stop_signals.h"
#include "apps/terminal.h"
#include "base/clock.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Plays the events of a file through the pipeline, one by one: before each event of the later part it asks for the user's
list, as GET /v1/users/ID/recommendations would, looks whether the design that is chosen next is on it, and only then lets
the event in. FILE is read as catwalk replay reads it. Nothing is sent anywhere, nothing is kept.

Examples:
  catwalk evaluate events.jsonl.gz --baselines
  catwalk evaluate rentals.tsv --set kind=rental --exclude-seen --report report \
      --map user_id=customer,design_id=dress,occurred_at_ms=date,profile.age=age)";

struct Flags {
  LogFlags log;
  InputOptions input;
  EvaluationOptions evaluation;
  std::string only_kinds;
  std::string designs;
  std::string report;
  std::vector<std::string> ablated;
  int64_t publish_every = 1;
  bool json = false;
};

Result<std::set<models::InteractionKind>> ParseKinds(const std::string& words) {
  std::set<models::InteractionKind> kinds;
  std::istringstream list(words);
  for (std::string word; std::getline(list, word, ',');) {
    const auto kind = models::KindNamed(word);
    if (kind) {
      kinds.insert(*kind);
      continue;
    }
    std::string known;
    for (int i = 0; i < models::kInteractionKinds; ++i)
      known += (i == 0 ? "" : ", ") + std::string(models::NameOf(static_cast<models::InteractionKind>(i)));
    return Status(Code::kInvalidArgument, "--only-kinds: no kind of event is called \"" + word + "\"; there are " + known);
  }
  return kinds;
}

/// One pipeline as it serves, and one without each part that is named.
struct Pipelines {
  std::vector<std::unique_ptr<OfflinePipeline>> owned;
  std::vector<EvaluatedPipeline> evaluated;

  Status Add(const std::string& name, const Settings& settings, int64_t publish_every) {
    ASSIGN_OR_RETURN(auto pipeline, OfflinePipeline::Open(settings, publish_every));
    evaluated.push_back({name, pipeline.get()});
    owned.push_back(std::move(pipeline));
    return Status::Ok();
  }
};

Result<Pipelines> OpenPipelines(const Flags& flags, const Settings& settings) {
  Pipelines pipelines;
  RETURN_IF_ERROR(pipelines.Add("catwalk", settings, flags.publish_every));
  for (const std::string& part : flags.ablated) {
    Settings without = settings;
    auto& left_out = without.pipeline.users.ranking.left_out;
    left_out = models::FeaturesNamed(part);
    if (left_out.none()) {
      return Status(Code::kInvalidArgument, "--ablate: the blend has no part called \"" + part + "\"; there are " +
                                                std::string(models::FeatureFamilies()));
    }
    RETURN_IF_ERROR(pipelines.Add("without " + part, without, flags.publish_every));
  }
  return pipelines;
}

Result<Timeline> Read(const InputOptions& options, const schemas::TopicNames& names, const std::stop_token& stop) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const auto input, OpenInput(options, names, clock, stop));
  BadLines bad_lines(std::cerr, SourceName(options.path));
  return ReadTimeline(*input, names, bad_lines, stop);
}

/// The catalogue, all of it before the first event; what is released later is held back by its own release time.
Status LoadDesigns(const Flags& flags, const schemas::TopicNames& names, const Timeline& timeline,
                   const Pipelines& pipelines, const std::stop_token& stop) {
  if (flags.designs.empty()) return Status::Ok();
  InputOptions options;
  options.path = flags.designs;
  options.to = names.Of(schemas::Topic::kDesigns);
  ASSIGN_OR_RETURN(const Timeline designs, Read(options, names, stop));
  const int64_t start_ms = timeline.entries.empty() ? 1 : timeline.entries.front().at_ms;
  for (const auto& entry : designs.entries)
    for (const auto& pipeline : pipelines.owned) RETURN_IF_ERROR(pipeline->Take(entry.rest, start_ms));
  return Status::Ok();
}

Status Write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  if (file) return Status::Ok();
  return {Code::kInvalidArgument, "cannot write " + path.string() + "; check --report and the room on its disk"};
}

/// Before the work, so that a folder that cannot be made is told at once.
Status MakeReportFolder(const std::string& folder) {
  if (folder.empty()) return Status::Ok();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return Status::Ok();
  return {Code::kInvalidArgument, "cannot make the folder " + folder + ": " + error.message() + "; give another --report"};
}

Status WriteReport(const std::string& folder, const EvaluationReport& report) {
  RETURN_IF_ERROR(Write(std::filesystem::path(folder) / "evaluation.txt", report.Table()));
  RETURN_IF_ERROR(Write(std::filesystem::path(folder) / "evaluation.json", report.Json()));
  return Write(std::filesystem::path(folder) / "recall.svg", report.Plot());
}

double Seconds(const Clock& clock, int64_t since_us) { return static_cast<double>(clock.SteadyUs() - since_us) / 1e6; }

Result<EvaluationResult> Evaluate(const Flags& flags, const Settings& settings, const std::stop_token& stop) {
  const SystemClock clock;
  const int64_t began_us = clock.SteadyUs();
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  ASSIGN_OR_RETURN(const Timeline timeline, Read(flags.input, names, stop));
  if (timeline.choices == 0)
    return Status(Code::kInvalidArgument, "no event in " + flags.input.path + " chooses a design; nothing can be evaluated");
  ASSIGN_OR_RETURN(const Pipelines pipelines, OpenPipelines(flags, settings));
  RETURN_IF_ERROR(LoadDesigns(flags, names, timeline, pipelines, stop));
  ProgressPrinter progress(std::cerr, TerminalColumns(STDERR_FILENO));
  Evaluation evaluation(flags.evaluation, timeline, pipelines.evaluated);
  const auto total = static_cast<uint64_t>(timeline.entries.size());
  ASSIGN_OR_RETURN(EvaluationResult result, evaluation.Run(stop, [&](int64_t done) {
    const double seconds = Seconds(clock, began_us);
    const auto lines = static_cast<uint64_t>(done);
    if (progress.Due(seconds)) progress.Show({{lines, total}, lines, 0, seconds});
  }));
  progress.Clear();
  result.wall_s = Seconds(clock, began_us);
  return result;
}

Result<int> RunEvaluate(const Flags& given) {
  Flags flags = given;
  const StopSignals signals;
  Settings settings;
  RETURN_IF_ERROR(LoadSettings(flags.log, &settings));
  RETURN_IF_ERROR(SetUpLogging({.level = "warning"}));
  RETURN_IF_ERROR(MakeReportFolder(flags.report));
  ASSIGN_OR_RETURN(flags.evaluation.only_kinds, ParseKinds(flags.only_kinds));
  const double served = std::exchange(settings.pipeline.exploration, flags.evaluation.exploration);
  ASSIGN_OR_RETURN(EvaluationResult result, Evaluate(flags, settings, signals.token()));
  result.served_exploration = served;
  const EvaluationReport report(result);
  std::cout << (flags.json ? report.Json() : report.Table()) << std::flush;
  if (!flags.report.empty()) RETURN_IF_ERROR(WriteReport(flags.report, report));
  return result.interrupted ? kExitInterrupted : 0;
}

}  // namespace

void AddEvaluateCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<Flags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("evaluate", "Measure on a file how good recommendations would have been");
  command->add_option("FILE", flags->input.path, "The file, or - for standard input")->required();
  AddInputFlags(command, &flags->input);
  command->add_option("-c,--config", flags->log.config_file, "Configuration file (YAML)")->type_name("FILE");
  command->add_option("--k", flags->evaluation.k, "Designs in a list (default 10)")->type_name("N")->check(CLI::Range(1, 1000));
  command->add_option("--warmup", flags->evaluation.warmup, "Share of the events that only teach (default 0.3)")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 0.999));
  command->add_flag("--exclude-seen", flags->evaluation.exclude_seen,
                    "Neither test nor list designs the user had something to do with before");
  command->add_option("--only-kinds", flags->only_kinds, "Kinds of events that are tested (default: all)")->type_name("rental,...");
  command->add_option("--designs", flags->designs, "Designs as JSON lines, candidates from their release on")->type_name("FILE");
  command->add_flag("--baselines", flags->evaluation.baselines, "Also measure simpler recommenders, on the same events");
  command->add_option("--ablate", flags->ablated, "Also measure without this part of the blend: " + std::string(models::FeatureFamilies()))
      ->type_name("PART,...")
      ->delimiter(',');
  command->add_option("--publish-every", flags->publish_every, "Publish a design again only N events after it changed (default 1)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_option("--exploration", flags->evaluation.exploration, "What lists explore by, instead of users.exploration (default 0)")
      ->type_name("X")
      ->check(CLI::Range(0.0, 10.0));
  command->add_option("--seed", flags->evaluation.seed, "Of what is drawn: AUC, intervals, baselines (default 1)")->type_name("N");
  command->add_flag("--json", flags->json, "The result as one JSON object");
  command->add_option("--report", flags->report, "Also write table, JSON and a plot over time to this folder")->type_name("DIR");
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return RunEvaluate(*flags); }; });
}

}  // namespace catwalk::apps
