#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <unordered_set>
#include <vector>

#include "evaluate/simulate/world.h"

namespace catwalk::evaluate {

/// A user chose a design.
struct SimulatedChoice {
  int64_t at_ms = 0;         // later than that of the choice before
  int32_t user = 0, design = 0;
  int32_t visit = 0;         // counts up from 0
  bool first_of_user = false;
  bool sold = false;         // the design cannot be had any more
};

/// Users come, choose some designs one after another, and leave. Each choice is drawn from a multinomial logit over the designs that can
/// be had (McFadden 1974): the odds of a design are exp(utility) over their sum. One thread.
class Simulation {
 public:
  Simulation(const Shape& shape, uint64_t seed, int64_t events);

  const Shape& shape() const { return shape_; }
  const World& world() const { return world_; }

  /// The next choice; none once hardly anybody finds anything any more, because all is sold or had. Each shape is to have more than the
  /// events it is asked for.
  std::optional<SimulatedChoice> Next();
  /// What that choice was drawn from: by design, 0 for what could not be had; they add up to 1. Valid until the next call.
  std::span<const double> odds() const { return odds_; }

 private:
  struct Step {
    int64_t at_ms;
    int32_t user, visit;
    int32_t before;
    bool operator>(const Step& other) const { return at_ms != other.at_ms ? at_ms > other.at_ms : visit > other.visit; }
  };

  void Arrive();
  Step TakeStep();
  /// False if there is nothing left for the user.
  bool FillOdds(const Occasion& occasion);
  SimulatedChoice Choose(const Step& step);
  void GoOn(const Step& step, int32_t chosen);

  const Shape& shape_;
  World world_;
  Dice visits_, choices_;
  std::vector<double> comings_;                        // running sums of how often users come
  double next_visit_ms_ = kSimulationStartMs, apart_ms_;
  int32_t visits_begun_ = 0;
  int64_t last_ms_ = kSimulationStartMs;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps_;
  std::vector<std::unordered_set<int32_t>> had_;       // by user
  std::vector<bool> sold_;                             // by design
  std::vector<double> odds_, sums_;
};

}  // namespace catwalk::evaluate
