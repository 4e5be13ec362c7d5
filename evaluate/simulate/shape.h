#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace catwalk::evaluate {

struct Range {
  double low = 0, high = 0;
};

/// What a simulated shop is drawn by: T is Range for a shape, double for one seed of it. Strengths are in log-odds: what is 1 higher is
/// chosen e times as often. 0 switches an effect off.
template <class T>
struct ShapeParameters {
  T events_per_user{};   // there are so many events for each user there could be
  T designs{};           // at the start
  T arrivals{};          // designs that are released later, per event
  T days{};              // that the events take
  T visit{};             // events in a row by one user, in the mean
  T activity{};          // deviation of the log of how often a user comes
  T dimensions{};        // of the space of styles; the whole part counts
  T appeal{};            // deviation of the lasting appeal of a design
  T taste{};             // lost at a typical distance between a design's style and what the user likes best
  T step{};              // lost at a typical distance from what goes with the design before, within a visit
  T trend{};             // deviation of a design's appeal that comes and goes
  T trend_days{};        // after which it has forgotten all but 1/e of itself
  T fad{};               // gained at the height of a fad by designs of its style
  T fad_days{};          // from its start to its height
  T fresh{};             // gained by a design just released
  T fresh_days{};        // after which all but 1/e of that is gone
  T segments{};          // hidden groups of users; the whole part counts
  T segment{};           // deviation of what a design's appeal is within a group, coming and going as trends do
  T noise{};             // share of the attribute values that say nothing of a style
  T profiled{};          // share of the users whose profile is known
  T interaction{};       // between designs that are new and one has not had, or that are not and one has, and all others
  T new_days{};          // for which a design is new
  T sold{};              // share of choices that take the design off the market
};

/// For tables: one parameter of them all.
struct ParameterField {
  std::string_view name;
  Range ShapeParameters<Range>::*range;
  double ShapeParameters<double>::*value;
};
std::span<const ParameterField> ParameterFields();

enum class ChoiceKind { kClick, kRental, kPurchase };

/// A kind of shop: what is drawn for it, and what its events look like.
struct Shape {
  std::string_view name;
  std::string_view about;
  ChoiceKind kind = ChoiceKind::kClick;
  /// Users may choose a design again.
  bool repeats = false;
  /// There is a catalogue with attributes, known from each design's release on; without, a design shows with its first event.
  bool catalogue = false;
  ShapeParameters<Range> ranges;
};

/// All shapes, in the order of their tables.
std::span<const Shape> AllShapes();
/// Null if there is none of that name.
const Shape* ShapeNamed(std::string_view name);

/// What dice of a shape are seeded with, so that equal seeds of two shapes have nothing in common.
uint64_t DiceSeed(const Shape& shape, uint64_t seed);

/// The shape's parameters for a seed, each evenly from its range, independently.
ShapeParameters<double> DrawParameters(const Shape& shape, uint64_t seed);

}  // namespace catwalk::evaluate
