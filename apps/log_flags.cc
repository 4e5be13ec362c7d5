#include "apps/log_flags.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/config.h"
#include "base/logging.h"

namespace catwalk::apps {

void AddLogFlags(CLI::App* command, LogFlags* flags) {
  command->add_option("-c,--config", flags->config_file, "Configuration file (YAML)")->type_name("FILE");
  auto* kafka = command->add_option("--kafka", flags->kafka, "Brokers to start from")->type_name("HOST:PORT");
  auto* state_dir = command->add_option("--state-dir", flags->state_dir, "Folder of an embedded log")->type_name("DIR");
  kafka->excludes(state_dir);
}

Status LoadSettings(const LogFlags& flags, Settings* settings) {
  Config config;
  RegisterSettings(&config, settings);
  if (!flags.config_file.empty()) RETURN_IF_ERROR(config.LoadFile(flags.config_file));
  RETURN_IF_ERROR(config.LoadEnvironment(environ));
  if (!flags.kafka.empty()) RETURN_IF_ERROR(config.SetFlag("kafka.bootstrap", flags.kafka, "--kafka"));
  if (!flags.state_dir.empty()) {
    RETURN_IF_ERROR(config.SetFlag("state.dir", flags.state_dir, "--state-dir"));
    RETURN_IF_ERROR(config.SetFlag("kafka.bootstrap", "", "--state-dir"));
  }
  return SetUpLogging(settings->logging);
}

}  // namespace catwalk::apps
