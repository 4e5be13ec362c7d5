#include "apps/lint_command.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <limits>
#include <memory>
#include <stop_token>
#include <string>

#include "apps/input_flags.h"
#include "apps/log_flags.h"
#include "apps/replay/bad_lines.h"
#include "apps/replay/byte_source.h"
#include "apps/replay/progress.h"
#include "base/clock.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Reads a file as catwalk replay would and checks every event against the rules of the pipeline, or checks a
configuration with -c. Sends nothing. Exits 1 if a line breaks a rule.

Example:
  catwalk lint events.jsonl
  catwalk lint -c catwalk.yaml)";

struct Flags {
  LogFlags log;
  InputOptions input;
};

Result<int> LintEvents(const InputOptions& options, const schemas::TopicNames& names) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const auto input, OpenInput(options, names, clock, std::stop_token()));
  BadLines bad_lines(std::cout, SourceName(options.path), std::numeric_limits<uint64_t>::max());
  InputLine line;
  uint64_t lines = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, input->Next(&line));
    if (!more) break;
    ++lines;
    if (line.violation) bad_lines.Report(line.number, *line.violation);
  }
  std::cout << std::flush;
  std::cerr << WithCommas(lines) << " lines, " << WithCommas(bad_lines.count()) << " bad\n";
  return bad_lines.count() == 0 ? 0 : kExitViolations;
}

Result<int> RunLint(const Flags& flags) {
  if (flags.input.path.empty() && flags.log.config_file.empty())
    return Status(Code::kInvalidArgument, "check what? Give a FILE of events, or -c FILE for a configuration");
  Settings settings;
  RETURN_IF_ERROR(LoadSettings(flags.log, &settings));
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  if (!flags.log.config_file.empty()) std::cerr << flags.log.config_file << " is fine\n";
  if (flags.input.path.empty()) return 0;
  return LintEvents(flags.input, names);
}

}  // namespace

void AddLintCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<Flags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("lint", "Check a file of events, or a configuration, and send nothing");
  command->add_option("FILE", flags->input.path, "The file of events, or - for standard input");
  command->add_option("-c,--config", flags->log.config_file, "Configuration file (YAML)")->type_name("FILE");
  AddInputFlags(command, &flags->input);
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return RunLint(*flags); }; });
}

}  // namespace catwalk::apps
