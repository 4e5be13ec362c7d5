#include "evaluate/simulate/world.h"

#include <algorithm>
#include <cmath>

namespace catwalk::evaluate {
namespace {

// What dice are for: one for each, so that an effect that is switched on does not change the draws of another.
enum Purpose : uint64_t { kWorldDice = 1, kDriftDice, kSegmentDice, kFadDice };

constexpr double kMeanAge = 38, kAgeDeviation = 10, kYoungest = 16;

size_t Whole(double value) { return static_cast<size_t>(std::max(value, 1.0)); }

size_t DesignsAtStart(const ShapeParameters<double>& parameters) { return Whole(parameters.designs); }

size_t DesignsLater(const ShapeParameters<double>& parameters, int64_t events) {
  return static_cast<size_t>(parameters.arrivals * static_cast<double>(events));
}

size_t AllDesigns(const ShapeParameters<double>& parameters, int64_t events) {
  return DesignsAtStart(parameters) + DesignsLater(parameters, events);
}

size_t Segments(const ShapeParameters<double>& parameters) { return Whole(parameters.segments); }

}  // namespace

World::World(const Shape& shape, uint64_t seed, int64_t events)
    : parameters_(DrawParameters(shape, seed)),
      dimensions_(static_cast<int>(Whole(parameters_.dimensions))),
      dice_(DiceSeed(shape, seed), kWorldDice),
      drift_(AllDesigns(parameters_, events), parameters_.trend, parameters_.trend_days, kSimulationStartMs,
             {DiceSeed(shape, seed), kDriftDice}),
      segment_drift_(AllDesigns(parameters_, events) * Segments(parameters_), parameters_.segment, parameters_.trend_days,
                     kSimulationStartMs, {DiceSeed(shape, seed), kSegmentDice}),
      fads_(dimensions_, parameters_.fad, parameters_.fad_days, kSimulationStartMs, parameters_.days,
            {DiceSeed(shape, seed), kFadDice}) {
  for (size_t a = 0; a < kDesignAttributes; ++a)
    for (size_t v = 0; v < kValues[a]; ++v) value_centres_[a].push_back(DrawStyle());
  for (size_t i = 0; i < kBodyTypes; ++i) body_centres_.push_back(DrawStyle());
  for (size_t i = 0; i < kTribes; ++i) tribe_centres_.push_back(DrawStyle());
  MakeDesigns(DesignsAtStart(parameters_), DesignsLater(parameters_, events));
  MakeUsers(Whole(static_cast<double>(events) / parameters_.events_per_user));
}

Style World::DrawStyle() {
  Style style{};
  for (int i = 0; i < dimensions_; ++i) style[static_cast<size_t>(i)] = dice_.Normal();
  return style;
}

/// The place of the nearest centre, or of any with the odds of noise.
int World::Nearest(const Style& style, const std::vector<Style>& centres) {
  const size_t any = dice_.Below(centres.size());
  if (dice_.Uniform() < parameters_.noise) return static_cast<int>(any);
  const auto nearest = std::min_element(centres.begin(), centres.end(), [&](const Style& a, const Style& b) {
    return SquaredDistance(style, a) < SquaredDistance(style, b);
  });
  return static_cast<int>(nearest - centres.begin());
}

void World::MakeDesigns(size_t at_start, size_t later) {
  designs_.resize(at_start + later);
  const double apart_ms = parameters_.days * kDayMs / static_cast<double>(later + 1);
  for (size_t i = 0; i < designs_.size(); ++i) {
    auto& design = designs_[i];
    design.style = DrawStyle();
    design.appeal = parameters_.appeal * dice_.Normal();
    Describe(&design);
    if (i < at_start) continue;
    design.released_ms = kSimulationStartMs + static_cast<int64_t>(apart_ms * (static_cast<double>(i - at_start) + dice_.Uniform()));
  }
}

void World::Describe(SimulatedDesign* design) {
  for (size_t a = 0; a < kDesignAttributes; ++a) design->values[a] = Nearest(design->style, value_centres_[a]);
}

void World::MakeUsers(size_t count) {
  users_.resize(count);
  for (auto& user : users_) {
    user.ideal = DrawStyle();
    user.segment = static_cast<int>(dice_.Below(Segments(parameters_)));
    user.visits = std::exp(parameters_.activity * dice_.Normal());
    user.profiled = dice_.Uniform() < parameters_.profiled;
    user.tribe = Nearest(user.ideal, tribe_centres_);
    user.age = std::max(kYoungest, kMeanAge + kAgeDeviation * user.ideal[0]);
    user.body_type = Nearest(user.ideal, body_centres_);
  }
}

void World::MoveTo(int64_t at_ms) {
  now_ms_ = at_ms;
  drift_.MoveTo(at_ms);
  segment_drift_.MoveTo(at_ms);
  fads_.MoveTo(at_ms);
}

/// A turn of the space that leaves no style but the middle where it was: what goes with a thing is another sort of thing.
Style World::GoesWith(const Style& style) const {
  Style turned{};
  for (int i = 0; i < dimensions_; ++i) turned[static_cast<size_t>(i)] = -style[static_cast<size_t>((i + 1) % dimensions_)];
  return turned;
}

double World::Interaction(double age_days, bool had) const {
  const bool is_new = age_days < parameters_.new_days;
  return (is_new != had ? 0.5 : -0.5) * parameters_.interaction;
}

double World::Utility(const Occasion& occasion, size_t at, bool had) const {
  const auto& user = users_[static_cast<size_t>(occasion.user)];
  const auto& design = designs_[at];
  double utility = design.appeal + drift_.At(at) + fads_.At(design.style);
  utility += segment_drift_.At(static_cast<size_t>(user.segment) * designs_.size() + at);
  utility -= parameters_.taste * Distance(user.ideal, design.style, dimensions_);
  const double age_days = design.released_ms > 0 ? static_cast<double>(occasion.at_ms - design.released_ms) / kDayMs
                                                 : std::numeric_limits<double>::infinity();
  if (parameters_.interaction > 0) utility += Interaction(age_days, had);
  if (occasion.before >= 0 && parameters_.step > 0) {
    const Style wanted = GoesWith(designs_[static_cast<size_t>(occasion.before)].style);
    utility -= parameters_.step * Distance(wanted, design.style, dimensions_);
  }
  if (parameters_.fresh > 0) utility += parameters_.fresh * std::exp(-age_days / parameters_.fresh_days);
  return utility;
}

}  // namespace catwalk::evaluate
