#pragma once

#include <string>

#include "evaluate/simulate/simulation.h"

namespace catwalk::apps {

/// What a simulation lets anyone see, as the JSON lines that replay and evaluate read, each with its end of line. Nothing hidden is in
/// them. Borrows the simulation.
class SimulatedLines {
 public:
  explicit SimulatedLines(const evaluate::Simulation& simulation) : simulation_(simulation) {}

  /// An entry of the catalogue, of the time of its release.
  std::string Design(int32_t design) const;
  /// A choice, as the click, rental or purchase that it is; before it what is told of a user who comes for the first time, and after it
  /// that the design cannot be had any more, if so.
  std::string Choice(const evaluate::SimulatedChoice& choice, int64_t number) const;

 private:
  std::string Profile(const evaluate::SimulatedChoice& choice) const;
  std::string Event(const evaluate::SimulatedChoice& choice, int64_t number) const;

  const evaluate::Simulation& simulation_;
};

}  // namespace catwalk::apps
