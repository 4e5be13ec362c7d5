#include <google/protobuf/stubs/logging.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

#include "apps/command.h"
#include "apps/config_command.h"
#include "apps/demo_command.h"
#include "apps/evaluate_command.h"
#include "apps/lint_command.h"
#include "apps/replay_command.h"
#include "apps/run_command.h"
#include "apps/simulate_command.h"
#include "apps/tail_command.h"
#include "apps/topics_command.h"
#include "apps/version_command.h"
#include "base/exit_code.h"

namespace catwalk::apps {
namespace {

// In the order in which --help lists them.
constexpr AddCommand* kCommands[] = {
    AddDemoCommand,     AddRunCommand,    AddReplayCommand, AddTailCommand,   AddTopicsCommand,
    AddEvaluateCommand, AddSimulateCommand, AddLintCommand, AddConfigCommand, AddVersionCommand,
};

std::string ExitCodeTable() {
  std::string text = "\nExit codes:\n";
  for (const ExitCodeRow& row : kExitCodes) {
    std::string code = std::to_string(row.exit_code);
    code.insert(0, code.size() < 4 ? 4 - code.size() : 0, ' ');
    text += code + "  " + std::string(row.meaning) + "\n";
  }
  return text + "   1  also: catwalk lint found lines that break rules\n 130  ended by ^C";
}

int Fail(std::string message, int exit_code) {
  std::ranges::replace(message, '\n', ' ');
  std::cerr << "catwalk: " << message << std::endl;
  return exit_code;
}

int ReportUsage(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return program.exit(error);  // --help
  std::string command = "catwalk";
  for (const CLI::App* used = &program; !used->get_subcommands().empty();) {
    used = used->get_subcommands().front();
    command += " " + used->get_name();
  }
  const bool unknown = program.get_subcommands().empty() && program.remaining_size() > 0;
  const std::string what = unknown ? "no command \"" + program.remaining().front() + "\"" : error.what();
  return Fail(what + "; see " + command + " --help", ExitCode(Code::kInvalidArgument));
}

int Run(const Action& action) {
  const Result<int> result = action();
  return result.ok() ? *result : Fail(result.status().message(), ExitCode(result.status().code()));
}

int Main(int argc, char** argv) {
  google::protobuf::SetLogHandler(nullptr);  // what others send may be no UTF-8; that is reported as a bad line
  CLI::App program("Catwalk: fresh fashion recommendations from a stream of events, exactly once", "catwalk");
  program.require_subcommand(1);
  program.footer(ExitCodeTable());
  Action action;
  for (AddCommand* add : kCommands) add(program, &action);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ReportUsage(program, error);
  }
  return Run(action);
}

}  // namespace
}  // namespace catwalk::apps

int main(int argc, char** argv) {
  try {
    return catwalk::apps::Main(argc, argv);
  } catch (const std::exception& error) {
    return catwalk::apps::Fail(std::string("internal error: ") + error.what() + "; please report it", 1);
  }
}
