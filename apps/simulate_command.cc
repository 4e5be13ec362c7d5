#include "apps/simulate_command.h"

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "apps/simulate/simulated_lines.h"
#include "evaluate/simulate/oracle.h"
#include "evaluate/simulate/simulation.h"

namespace catwalk::apps {
namespace {

using evaluate::Oracle;
using evaluate::Simulation;

constexpr const char* kExample = R"(
Prints events of a simulated shop as JSON lines, as replay and evaluate read them. Each choice is drawn from odds that are known here,
so the best recall that any recommender could reach is known too: --oracle. The seed decides everything; docs/quality.md says how.

Examples:
  catwalk simulate sessions --seed 3 | catwalk evaluate -
  catwalk simulate unique --designs-out designs.jsonl --oracle best.json > events.jsonl
  catwalk evaluate events.jsonl --designs designs.jsonl --exclude-seen --baselines

Shapes:
)";

struct Flags {
  std::string shape;
  uint64_t seed = 1;
  int64_t events = 8'000;
  double warmup = 0.3;
  int k = 10;
  std::string designs, oracle;
};

std::string ShapeTable() {
  std::string text;
  for (const auto& shape : evaluate::AllShapes())
    text += "  " + std::string(shape.name) + std::string(13 - shape.name.size(), ' ') + std::string(shape.about) + "\n";
  text.pop_back();
  return text;
}

Status NoSuchShape(const std::string& name) {
  std::string known;
  for (const auto& shape : evaluate::AllShapes()) known += (known.empty() ? "" : ", ") + std::string(shape.name);
  return {Code::kInvalidArgument, "no shape is called \"" + name + "\"; there are " + known};
}

Status CannotWrite(const std::string& path) {
  return {Code::kInvalidArgument, "cannot write " + path + "; check its folder and the room on its disk"};
}

Status WriteDesigns(const std::string& path, const Simulation& simulation) {
  std::ofstream file(path);
  const auto count = static_cast<int32_t>(simulation.world().designs().size());
  for (int32_t i = 0; i < count && simulation.shape().catalogue; ++i) file << SimulatedLines(simulation).Design(i);
  return file << std::flush ? Status::Ok() : CannotWrite(path);
}

Status SoldOut(const Flags& flags, int64_t events) {
  return {Code::kInvalidArgument, "nothing is left to choose after " + std::to_string(events) + " events of " + flags.shape + ", seed " +
                                      std::to_string(flags.seed) + "; ask for fewer --events or give another --seed"};
}

/// The catalogue within the stream: prints what is released up to a time, and remembers how far it is.
class Releases {
 public:
  explicit Releases(const Simulation& simulation) : simulation_(simulation) {}

  void PrintUntil(int64_t at_ms) {
    const auto& designs = simulation_.world().designs();
    for (; next_ < designs.size() && designs[next_].released_ms <= at_ms; ++next_)
      std::cout << SimulatedLines(simulation_).Design(static_cast<int32_t>(next_));
  }

 private:
  const Simulation& simulation_;
  size_t next_ = 0;
};

Result<Oracle> PrintEvents(const Flags& flags, Simulation* simulation) {
  const bool catalogue = simulation->shape().catalogue;
  Oracle oracle({flags.k, static_cast<int64_t>(static_cast<double>(flags.events) * flags.warmup), catalogue});
  Releases releases(*simulation);
  for (int64_t i = 0; i < flags.events && std::cout; ++i) {
    const auto choice = simulation->Next();
    if (!choice) return SoldOut(flags, i);
    if (catalogue && flags.designs.empty()) releases.PrintUntil(choice->at_ms);
    std::cout << SimulatedLines(*simulation).Choice(*choice, i);
    oracle.Take(*choice, simulation->odds());
  }
  std::cout << std::flush;
  return oracle;
}

boost::json::object ParametersJson(const Simulation& simulation) {
  boost::json::object parameters;
  for (const auto& field : evaluate::ParameterFields()) {
    const evaluate::Range range = simulation.shape().ranges.*field.range;
    if (range.high == 0) continue;
    parameters[field.name] = {{"low", range.low}, {"high", range.high}, {"drawn", simulation.world().parameters().*field.value}};
  }
  return parameters;
}

Status WriteOracle(const Flags& flags, const Simulation& simulation, const Oracle& oracle) {
  boost::json::object object, recall;
  recall["all"] = {{"events", oracle.tested()}, {"recall", oracle.recall()}};
  recall["warm"] = {{"events", oracle.warm()}, {"recall", oracle.recall_warm()}};
  object["shape"] = simulation.shape().name;
  object["about"] = simulation.shape().about;
  object["seed"] = flags.seed;
  object["events"] = flags.events;
  object["k"] = flags.k;
  object["exclude_seen"] = !simulation.shape().repeats;
  object["catalogue"] = simulation.shape().catalogue;
  object["parameters"] = ParametersJson(simulation);
  object["oracle"] = std::move(recall);
  std::ofstream file(flags.oracle);
  file << boost::json::serialize(object) << "\n" << std::flush;
  return file ? Status::Ok() : CannotWrite(flags.oracle);
}

Result<int> RunSimulate(const Flags& flags) {
  const auto* shape = evaluate::ShapeNamed(flags.shape);
  if (shape == nullptr) return NoSuchShape(flags.shape);
  std::ios::sync_with_stdio(false);
  Simulation simulation(*shape, flags.seed, flags.events);
  if (!flags.designs.empty()) RETURN_IF_ERROR(WriteDesigns(flags.designs, simulation));
  ASSIGN_OR_RETURN(const Oracle oracle, PrintEvents(flags, &simulation));
  if (!std::cout) return CannotWrite("to standard output");
  if (!flags.oracle.empty()) RETURN_IF_ERROR(WriteOracle(flags, simulation, oracle));
  return 0;
}

}  // namespace

void AddSimulateCommand(CLI::App& program, Action* chosen) {
  auto flags = std::make_shared<Flags>();  // shared with the callback, which CLI11 copies
  CLI::App* command = program.add_subcommand("simulate", "Print events of a shop whose best possible lists are known");
  command->add_option("SHAPE", flags->shape, "What kind of shop; below")->required();
  command->add_option("--seed", flags->seed, "Of everything that is drawn")->capture_default_str();
  command->add_option("--events", flags->events, "Choices to print")->capture_default_str()->check(CLI::Range(1, 10'000'000));
  command->add_option("--designs-out", flags->designs, "Write the catalogue here, for evaluate --designs, not among the events")
      ->type_name("FILE");
  command->add_option("--oracle", flags->oracle, "Write the best possible recall and what was drawn here, as JSON")->type_name("FILE");
  command->add_option("--k", flags->k, "Oracle: designs in a list")->capture_default_str()->check(CLI::Range(1, 1000));
  command->add_option("--warmup", flags->warmup, "Oracle: share of the events that is not tested")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 0.999));
  command->footer(kExample + ShapeTable());
  command->callback([flags, chosen] { *chosen = [flags] { return RunSimulate(*flags); }; });
}

}  // namespace catwalk::apps
