#include "apps/config_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>

#include "apps/settings.h"
#include "base/config.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Flags win over the environment (CATWALK_KAFKA_BOOTSTRAP for kafka.bootstrap), that over the file, that over the
defaults. Passwords are masked.

Example:
  catwalk config explain -c catwalk.yaml)";

struct Flags {
  std::string file;
  bool json = false;
};

Result<int> Explain(const Flags& flags) {
  Config config;
  Settings settings;
  RegisterSettings(&config, &settings);
  if (!flags.file.empty()) RETURN_IF_ERROR(config.LoadFile(flags.file));
  RETURN_IF_ERROR(config.LoadEnvironment(environ));
  if (flags.json) {
    config.ExplainJson(std::cout);
  } else {
    config.Explain(std::cout);
  }
  std::cout << std::flush;
  for (const std::string& name : config.ignored_variables())
    std::cerr << name << " is set but belongs to no key; it is ignored\n";
  return 0;
}

}  // namespace

void AddConfigCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<Flags>();  // shared with the callback, which CLI11 copies
  CLI::App* config = program.add_subcommand("config", "About the configuration");
  config->require_subcommand(1);
  CLI::App* command = config->add_subcommand(
      "explain", "Print every setting, its value, where that comes from and what it means");
  command->add_option("-c,--config", flags->file, "Configuration file (YAML)")->type_name("FILE");
  command->add_flag("--json", flags->json, "As JSON");
  command->footer(kExample);
  command->callback([flags, chosen] { *chosen = [flags] { return Explain(*flags); }; });
}

}  // namespace catwalk::apps
