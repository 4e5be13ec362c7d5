#include "apps/demo_command.h"

#include <CLI/CLI.hpp>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "apps/demo/demo.h"
#include "apps/pipeline.h"
#include "apps/settings.h"
#include "apps/stop_signals.h"
#include "apps/terminal.h"
#include "base/clock.h"
#include "base/logging.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Example:
  catwalk demo --keep-running    and then, elsewhere: curl http://ADDRESS/v1/users/you/recommendations)";

struct DemoFlags {
  DemoOptions options;
  std::string http = "127.0.0.1:0";
  bool keep_running = false;
};

/// A folder that is gone when the demo is.
class ScratchFolder {
 public:
  static Result<std::unique_ptr<ScratchFolder>> Make() {
    std::string path = (std::filesystem::temp_directory_path() / "catwalk-demo-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) return Status(Code::kInvalidArgument, "cannot make a folder like " + path + "; set TMPDIR");
    return std::unique_ptr<ScratchFolder>(new ScratchFolder(path));
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<int> Play(const DemoFlags& flags) {
  const StopSignals signals;
  const SystemClock clock;
  RETURN_IF_ERROR(SetUpLogging({.level = "warning"}));
  ASSIGN_OR_RETURN(const auto folder, ScratchFolder::Make());
  Settings settings;
  settings.state_dir = folder->path();
  ASSIGN_OR_RETURN(const auto pipeline, Pipeline::Open(settings, clock));
  ASSIGN_OR_RETURN(const std::string address, pipeline->Serve(flags.http));
  pipeline->Start();
  const int columns = TerminalColumns(STDOUT_FILENO);
  Screen screen(std::cout, columns, columns > 0 && getenv("NO_COLOR") == nullptr);
  screen.Title("Catwalk: fresh recommendations, exactly once, here on the embedded log (no broker, no network)");
  Demo demo(flags.options, *pipeline, clock, screen);
  const auto stop = signals.token();
  RETURN_IF_ERROR(demo.PlayWeek(stop));
  if (!stop.stop_requested()) RETURN_IF_ERROR(demo.PlayLive(stop));
  if (!stop.stop_requested()) RETURN_IF_ERROR(demo.PlayGuest());
  screen.Title("Look around");
  screen.Figure("metrics", "http://" + address + "/metrics");
  screen.Figure("the guest's list", "http://" + address + "/v1/users/you/recommendations");
  if (flags.keep_running && !stop.stop_requested()) {
    screen.Line("running until you press Ctrl-C");
    RETURN_IF_ERROR(pipeline->runner().Wait(stop));
  } else {
    screen.Line("(they end with the demo; catwalk demo --keep-running keeps them)");
  }
  pipeline->Stop();
  return stop.stop_requested() && !flags.keep_running ? kExitInterrupted : 0;
}

}  // namespace

void AddDemoCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<DemoFlags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("demo", "Watch a simulated fashion week; needs no broker and no network");
  command->add_option("--seed", flags->options.seed, "Seed of the simulation")->capture_default_str();
  command->add_option("--events", flags->options.events, "Events of the simulated week")->capture_default_str()->check(CLI::Range(1'000, 10'000'000));
  command->add_option("--http", flags->http, "Where to serve HTTP; port 0: a free one")->type_name("ADDR:PORT")->capture_default_str();
  command->add_flag("--keep-running", flags->keep_running, "Do not end by itself");
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return Play(*flags); }; });
}

}  // namespace catwalk::apps
