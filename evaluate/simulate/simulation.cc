#include "evaluate/simulate/simulation.h"

#include <algorithm>
#include <cmath>

namespace catwalk::evaluate {
namespace {

enum Purpose : uint64_t { kVisitDice = 11, kChoiceDice };

constexpr int64_t kLeastApartMs = 10;
/// Between choices of a visit, in the mean.
constexpr double kPauseMs = 45'000;
/// Nobody ends up with more than this share of what there is, or choices would be of leftovers.
constexpr double kMostHad = 0.6;
/// Visits without a choice, one after another, after which there will be none.
constexpr int kMostInVain = 10'000;

}  // namespace

Simulation::Simulation(const Shape& shape, uint64_t seed, int64_t events)
    : shape_(shape),
      world_(shape, seed, events),
      visits_(DiceSeed(shape, seed), kVisitDice),
      choices_(DiceSeed(shape, seed), kChoiceDice),
      apart_ms_(world_.parameters().days * kDayMs * world_.parameters().visit / static_cast<double>(events)),
      had_(world_.users().size()),
      sold_(world_.designs().size()) {
  double sum = 0;
  for (const auto& user : world_.users()) comings_.push_back(sum += user.visits);
}

std::optional<SimulatedChoice> Simulation::Next() {
  for (int tries = 0; tries < kMostInVain; ++tries) {
    const Step step = TakeStep();
    world_.MoveTo(step.at_ms);
    if (!FillOdds({step.at_ms, step.user, step.before})) continue;
    const SimulatedChoice choice = Choose(step);
    GoOn(step, choice.design);
    return choice;
  }
  return std::nullopt;
}

/// A user begins a visit.
void Simulation::Arrive() {
  next_visit_ms_ += apart_ms_ * visits_.Exponential();
  steps_.push({static_cast<int64_t>(next_visit_ms_), static_cast<int32_t>(visits_.Among(comings_)), visits_begun_++, -1});
}

Simulation::Step Simulation::TakeStep() {
  while (steps_.empty() || static_cast<double>(steps_.top().at_ms) >= next_visit_ms_) Arrive();
  Step step = steps_.top();
  steps_.pop();
  last_ms_ = step.at_ms = std::max(step.at_ms, last_ms_ + kLeastApartMs);
  return step;
}

bool Simulation::FillOdds(const Occasion& occasion) {
  const auto& designs = world_.designs();
  const auto& had = had_[static_cast<size_t>(occasion.user)];
  odds_.assign(designs.size(), -INFINITY);
  double best = -INFINITY;
  int64_t there = 0;
  for (size_t i = 0; i < designs.size(); ++i) {
    if (sold_[i] || designs[i].released_ms > occasion.at_ms) continue;
    ++there;
    const bool known = had.contains(static_cast<int32_t>(i));
    if (!shape_.repeats && known) continue;
    best = std::max(best, odds_[i] = world_.Utility(occasion, i, known));
  }
  const bool had_most = static_cast<double>(had.size()) > kMostHad * static_cast<double>(there);
  if (best == -INFINITY || (!shape_.repeats && had_most)) return false;
  double sum = 0;
  for (double& odds : odds_) sum += odds = std::exp(odds - best);
  for (double& odds : odds_) odds /= sum;
  return true;
}

SimulatedChoice Simulation::Choose(const Step& step) {
  sums_.resize(odds_.size());
  double sum = 0;
  for (size_t i = 0; i < odds_.size(); ++i) sums_[i] = sum += odds_[i];
  SimulatedChoice choice{step.at_ms, step.user, static_cast<int32_t>(choices_.Among(sums_)), step.visit};
  const auto design = static_cast<size_t>(choice.design);
  auto& had = had_[static_cast<size_t>(step.user)];
  choice.first_of_user = had.empty();
  had.insert(choice.design);
  choice.sold = choices_.Uniform() < world_.parameters().sold;
  sold_[design] = choice.sold;
  return choice;
}

/// Visits have a geometric number of choices.
void Simulation::GoOn(const Step& step, int32_t chosen) {
  if (visits_.Uniform() * world_.parameters().visit < 1) return;
  const auto pause_ms = static_cast<int64_t>(kPauseMs * visits_.Exponential());
  steps_.push({step.at_ms + pause_ms, step.user, step.visit, chosen});
}

}  // namespace catwalk::evaluate
