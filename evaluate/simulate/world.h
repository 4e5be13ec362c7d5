#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "evaluate/simulate/dice.h"
#include "evaluate/simulate/shape.h"
#include "evaluate/simulate/style.h"
#include "evaluate/simulate/trends.h"

namespace catwalk::evaluate {

/// Attributes of a simulated design, and how many values each has.
enum DesignAttribute : size_t { kCategory, kSilhouette, kColour, kMaterial, kDesigner, kCollection, kDesignAttributes };
inline constexpr std::array<size_t, kDesignAttributes> kValues = {8, 4, 10, 6, 24, 12};
inline constexpr size_t kBodyTypes = 4, kTribes = 8;

/// When simulated time begins: some day in 2023.
inline constexpr int64_t kSimulationStartMs = 1'700'000'000'000;

struct SimulatedDesign {
  int64_t released_ms = 0;                                     // 0: was there at the start
  std::array<int, kDesignAttributes> values{};                 // as the catalogue tells them
  Style style{};                                               // hidden
  double appeal = 0;                                           // hidden
};

struct SimulatedUser {
  bool profiled = false;        // the three below are told
  int body_type = 0;
  int tribe = 0;
  double age = 0;
  Style ideal{};                // hidden: the style liked best
  int segment = 0;              // hidden
  double visits = 0;            // hidden: how often, in proportion
};

/// What a user is about to choose in.
struct Occasion {
  int64_t at_ms = 0;
  int32_t user = 0;
  int32_t before = -1;  // the design chosen before within the visit, if any
};

/// The hidden truth of a simulated shop: who there is, what there is, and how much anyone wants anything at any time. Utilities are
/// made of points in a space of styles and of processes in time: no counts of events, no products of factors. A function of shape,
/// seed and the number of events. One thread.
class World {
 public:
  World(const Shape& shape, uint64_t seed, int64_t events);

  const ShapeParameters<double>& parameters() const { return parameters_; }
  const std::vector<SimulatedDesign>& designs() const { return designs_; }
  const std::vector<SimulatedUser>& users() const { return users_; }

  /// Time passes, never back.
  void MoveTo(int64_t at_ms);
  /// The log of how much a user, who has had it before or not, wants a design now, up to a constant.
  double Utility(const Occasion& occasion, size_t design, bool had) const;
  /// What the planted interaction adds for a design of that age, in days, that the user has had before or not.
  double Interaction(double age_days, bool had) const;

 private:
  void MakeDesigns(size_t at_start, size_t later);
  void MakeUsers(size_t count);
  void Describe(SimulatedDesign* design);
  Style DrawStyle();
  Style GoesWith(const Style& style) const;
  int Nearest(const Style& style, const std::vector<Style>& centres);

  ShapeParameters<double> parameters_;
  int dimensions_;
  Dice dice_;
  std::array<std::vector<Style>, kDesignAttributes> value_centres_;
  std::vector<Style> body_centres_, tribe_centres_;
  std::vector<SimulatedDesign> designs_;
  std::vector<SimulatedUser> users_;
  int64_t now_ms_ = kSimulationStartMs;
  Drift drift_, segment_drift_;
  Fads fads_;
};

}  // namespace catwalk::evaluate
