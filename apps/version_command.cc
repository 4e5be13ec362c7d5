#include "apps/version_command.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "schemas/json_writer.h"
#include "state/rocksdb_database.h"
#include "streams/kafka_log.h"

namespace catwalk::apps {
namespace {

constexpr const char* kExample = R"(
Example:
  catwalk version --json)";

using Fact = std::pair<std::string, std::string>;

std::vector<Fact> Facts() {
  return {{"version", CATWALK_VERSION},
          {"build", CATWALK_BUILD},
          {"compiler", __VERSION__},
          {"librdkafka", streams::KafkaClientVersion()},
          {"state_format", std::to_string(state::kFormatVersion)}};
}

Result<int> PrintJson() {
  std::string json = "{";
  for (const auto& [name, value] : Facts()) {
    if (json.size() > 1) json += ',';
    schemas::AppendJsonString(name, &json);
    json += ':';
    schemas::AppendJsonString(value, &json);
  }
  std::cout << json << "}\n";
  return 0;
}

Result<int> PrintText() {
  for (const auto& [name, value] : Facts())
    std::cout << (name == "version" ? "catwalk" : "  " + name) << ' ' << value << '\n';
  return 0;
}

}  // namespace

void AddVersionCommand(CLI::App& program, Action* chosen) {
  auto json = std::make_shared<bool>(false);  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("version", "Print the version and what it was built with");
  command->add_flag("--json", *json, "As JSON");
  command->footer(kExample);
  command->callback([json, chosen] { *chosen = *json ? PrintJson : PrintText; });
}

}  // namespace catwalk::apps
