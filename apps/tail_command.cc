#include "apps/tail_command.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "apps/log_flags.h"
#include "apps/opened_log.h"
#include "apps/stop_signals.h"
#include "apps/tail/tail.h"
#include "base/clock.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Without --from-beginning only what comes from now on is shown. ^C stops it.
With --state-dir it works beside a running catwalk run and looks again every 200 ms.

Example: the recommendations there are, one JSON object a line
  catwalk tail recommendations --from-beginning --until-end --json)";

struct Flags {
  LogFlags log;
  TailOptions tail;
};

Result<int> RunTail(const Flags& flags) {
  StopSignals signals;
  const SystemClock clock;
  Settings settings;
  RETURN_IF_ERROR(LoadSettings(flags.log, &settings));
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  const auto open = [&] { return OpenedLog::Open(settings, OpenedLog::Access::kRead, clock); };
  Tail tail(flags.tail, names, open, !settings.on_kafka(), std::cout);
  RETURN_IF_ERROR(tail.Run(signals.token()));
  return 0;
}

}  // namespace

void AddTailCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<Flags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("tail", "Print the records of a topic, decoded, as they come");
  command->add_option("TOPIC", flags->tail.topic, "Name of the topic; see catwalk topics")->required();
  command->add_flag("--from-beginning", flags->tail.from_beginning, "Start at the oldest record instead of at the end");
  command->add_flag("--until-end", flags->tail.until_end, "Stop at what was there at the start");
  command->add_flag("--json", flags->tail.json, "One JSON object a line instead of time, key and value");
  AddLogFlags(command, &flags->log);
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return RunTail(*flags); }; });
}

}  // namespace catwalk::apps
