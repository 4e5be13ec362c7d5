#include "apps/replay_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "apps/input_flags.h"
#include "apps/log_flags.h"
#include "apps/opened_log.h"
#include "apps/replay/byte_source.h"
#include "apps/replay/dead_letter_input.h"
#include "apps/replay/http_sender.h"
#include "apps/replay/log_sender.h"
#include "apps/replay/replay.h"
#include "apps/stop_signals.h"
#include "apps/terminal.h"
#include "base/clock.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
FILE is JSON lines with a "topic" member each, or with --map a CSV or TSV file with a header; .gz and .xz are
read as they are, and - is standard input. Bad lines are reported and skipped. What was read when ^C stops it is sent
and durable. Sending a file twice does no harm: events are known by their ids.

Examples:
  catwalk replay events.jsonl.gz --state-dir catwalk-state
  catwalk replay rentals.tsv --set kind=rental --kafka 127.0.0.1:9092 \
      --map user_id=customer,design_id=dress,occurred_at_ms=date,profile.age=age,feedback.fit=fit
  catwalk tail dead-letters --from-beginning --until-end --json > letters.jsonl    (repair them, then)
  catwalk replay letters.jsonl --from-dead-letters)";

struct Flags {
  LogFlags log;
  InputOptions input;
  ReplayOptions replay;
  std::string http;
  bool json = false;
};

// The two ends of a replay. The log is there when one of them needs it, and goes last.
struct Ends {
  std::unique_ptr<OpenedLog> log;
  std::unique_ptr<EventInput> input;
  std::unique_ptr<RecordSender> sender;
};

Status CheckFlags(const Flags& flags) {
  if (!flags.input.path.empty()) return Status::Ok();
  if (!flags.input.dead_letters)
    return {Code::kInvalidArgument, "which file? Give its path, or - for standard input; see catwalk replay --help"};
  if (flags.http.empty()) return Status::Ok();
  return {Code::kInvalidArgument,
          "--from-dead-letters with --http needs a FILE, as catwalk tail dead-letters --json prints it"};
}

Status OpenLogFor(const Settings& settings, const Clock& clock, Ends* ends) {
  auto opened = OpenedLog::Open(settings, OpenedLog::Access::kWrite, clock);
  if (opened.status().code() == Code::kLocked)
    return {Code::kLocked,
            opened.status().message() + "; to send to it while it runs, use --http http://127.0.0.1:8080"};
  if (!opened.ok()) return opened.status();
  ends->log = std::move(opened).value();
  return Status::Ok();
}

Result<std::unique_ptr<Ends>> OpenEnds(const Flags& flags, const Settings& settings, const Clock& clock,
                                       const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  auto ends = std::make_unique<Ends>();
  if (!flags.input.path.empty()) {
    ASSIGN_OR_RETURN(ends->input, OpenInput(flags.input, names, clock, stop));
  }
  if (!flags.http.empty()) {
    ASSIGN_OR_RETURN(ends->sender, HttpSender::Open(flags.http, names, clock, stop));
    return ends;
  }
  RETURN_IF_ERROR(OpenLogFor(settings, clock, ends.get()));
  if (ends->input == nullptr) {
    ASSIGN_OR_RETURN(ends->input, DeadLetterInput::Open(ends->log->log(), names, clock));
  }
  ASSIGN_OR_RETURN(ends->sender, LogSender::Open(ends->log->log(), clock, stop));
  return ends;
}

Result<int> RunReplay(const Flags& flags) {
  StopSignals signals;
  const SystemClock clock;
  Settings settings;
  RETURN_IF_ERROR(CheckFlags(flags));
  RETURN_IF_ERROR(LoadSettings(flags.log, &settings));
  ASSIGN_OR_RETURN(const auto ends, OpenEnds(flags, settings, clock, signals.token()));
  BadLines bad_lines(std::cerr, flags.input.path.empty() ? "dead-letters" : SourceName(flags.input.path));
  ProgressPrinter progress(std::cerr, TerminalColumns(STDERR_FILENO));
  Replay replay(flags.replay, *ends->input, *ends->sender, bad_lines, progress, clock);
  ASSIGN_OR_RETURN(const ReplaySummary summary, replay.Run(signals.token()));
  std::cout << (flags.json ? SummaryJson(summary) : DescribeSummary(summary)) << std::flush;
  return summary.interrupted ? kExitInterrupted : 0;
}

}  // namespace

void AddReplayCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<Flags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("replay", "Send the events of a file, at a rate or as fast as it goes");
  command->add_option("FILE", flags->input.path, "The file, or - for standard input");
  AddInputFlags(command, &flags->input);
  command->add_option("--rate", flags->replay.rate, "Lines per second (default: as fast as it goes)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_flag("--strict", flags->replay.strict, "Stop at the first bad line");
  command->add_flag("--from-dead-letters", flags->input.dead_letters,
                    "Send dead letters back where they came from: those of FILE, without FILE those of the topic");
  auto* http = command->add_option("--http", flags->http, "Address of a running catwalk to send to")->type_name("URL");
  AddLogFlags(command, &flags->log);
  http->excludes("--kafka")->excludes("--state-dir");
  command->add_flag("--json", flags->json, "The summary as JSON");
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return RunReplay(*flags); }; });
}

}  // namespace catwalk::apps
