#include "evaluate/simulate/shape.h"

#include <algorithm>

#include "base/hash.h"
#include "evaluate/simulate/dice.h"

namespace catwalk::evaluate {
namespace {

#define CATWALK_PARAMETER(name) {#name, &ShapeParameters<Range>::name, &ShapeParameters<double>::name}
constexpr ParameterField kFields[] = {
    CATWALK_PARAMETER(events_per_user), CATWALK_PARAMETER(designs),    CATWALK_PARAMETER(arrivals),
    CATWALK_PARAMETER(days),            CATWALK_PARAMETER(visit),      CATWALK_PARAMETER(activity),
    CATWALK_PARAMETER(dimensions),      CATWALK_PARAMETER(appeal),     CATWALK_PARAMETER(taste),
    CATWALK_PARAMETER(step),            CATWALK_PARAMETER(trend),      CATWALK_PARAMETER(trend_days),
    CATWALK_PARAMETER(fad),             CATWALK_PARAMETER(fad_days),   CATWALK_PARAMETER(fresh),
    CATWALK_PARAMETER(fresh_days),      CATWALK_PARAMETER(segments),   CATWALK_PARAMETER(segment),
    CATWALK_PARAMETER(noise),           CATWALK_PARAMETER(profiled),   CATWALK_PARAMETER(interaction),
    CATWALK_PARAMETER(new_days),        CATWALK_PARAMETER(sold),
};
#undef CATWALK_PARAMETER

// The ranges are wide on purpose. None was chosen by what any recommender makes of it, and none should be.
constexpr Shape kShapes[] = {
    {.name = "dense",
     .about = "ratings: few users who tell of many designs, tastes that stay",
     .ranges = {.events_per_user = {30, 90}, .designs = {200, 500}, .days = {180, 720}, .visit = {5, 25}, .activity = {0.3, 0.9},
                .dimensions = {2, 6}, .appeal = {0.3, 1.2}, .taste = {4, 9}}},
    {.name = "trending",
     .about = "rentals: most users come once or twice, what is wanted changes by the week",
     .kind = ChoiceKind::kRental,
     .catalogue = true,
     .ranges = {.events_per_user = {1, 2.5}, .designs = {200, 500}, .arrivals = {0.01, 0.05}, .days = {180, 540}, .visit = {1, 1.5},
                .activity = {0.3, 0.9}, .dimensions = {2, 6}, .appeal = {0.3, 1}, .taste = {2, 5}, .trend = {0.8, 1.8},
                .trend_days = {10, 40}, .fad = {1, 3}, .fad_days = {3, 12}, .fresh = {0.5, 2}, .fresh_days = {10, 40},
                .noise = {0.2, 0.5}}},
    {.name = "sessions",
     .about = "clicks of passers-by: what goes with the click before matters more than who it is",
     .repeats = true,
     .ranges = {.events_per_user = {4, 12}, .designs = {200, 700}, .days = {14, 60}, .visit = {4, 9}, .activity = {0.2, 0.6},
                .dimensions = {2, 5}, .appeal = {0.3, 1}, .taste = {1, 3}, .step = {4, 10}, .trend = {0, 0.6}, .trend_days = {3, 10}}},
    {.name = "unique",
     .about = "second-hand: one of each, gone when sold; only attributes tell what the next one will be worth",
     .catalogue = true,
     .ranges = {.events_per_user = {8, 25}, .designs = {250, 600}, .arrivals = {0.5, 0.7}, .days = {60, 240}, .visit = {1, 4},
                .activity = {0.3, 1}, .dimensions = {2, 5}, .appeal = {0.2, 0.6}, .taste = {5, 10}, .noise = {0.05, 0.3},
                .sold = {0.35, 0.5}}},
    {.name = "interaction",
     .about = "of what is new users want what they have not had, of the rest what they know: neither says anything by itself",
     .repeats = true,
     .catalogue = true,
     .ranges = {.events_per_user = {15, 30}, .designs = {150, 300}, .arrivals = {0.05, 0.1}, .days = {90, 180}, .visit = {1, 2},
                .activity = {0.2, 0.6}, .dimensions = {2, 5}, .appeal = {0.2, 0.6}, .taste = {1, 3}, .noise = {0.2, 0.5},
                .interaction = {4, 6}, .new_days = {5, 12}}},
    {.name = "segment",
     .about = "a few hidden groups, each with fashions of its own; users come too seldom to be known one by one",
     .ranges = {.events_per_user = {4, 9}, .designs = {200, 500}, .days = {90, 360}, .visit = {1, 3}, .activity = {0.2, 0.6},
                .dimensions = {2, 5}, .appeal = {0.2, 0.6}, .taste = {0.5, 1.5}, .trend_days = {20, 60}, .segments = {3, 7},
                .segment = {1.2, 2.2}}},
    {.name = "released",
     .about = "new designs all the time and profiles that tell of tastes: users without an event, designs nobody touched yet",
     .repeats = true,
     .catalogue = true,
     .ranges = {.events_per_user = {1.5, 5}, .designs = {100, 250}, .arrivals = {0.05, 0.15}, .days = {90, 360}, .visit = {1, 3},
                .activity = {0.3, 0.9}, .dimensions = {2, 4}, .appeal = {0.2, 0.6}, .taste = {4, 8}, .fresh = {2, 4},
                .fresh_days = {4, 15}, .noise = {0.1, 0.3}, .profiled = {0.6, 0.95}}},
    {.name = "day",
     .about = "one day of purchases: baskets of users seen once, fads by the hour",
     .kind = ChoiceKind::kPurchase,
     .catalogue = true,
     .ranges = {.events_per_user = {1.5, 4}, .designs = {300, 900}, .days = {1, 1}, .visit = {1.5, 4}, .activity = {0.1, 0.4},
                .dimensions = {2, 5}, .appeal = {0.8, 1.6}, .taste = {1, 4}, .step = {1, 4}, .trend = {0.2, 0.8},
                .trend_days = {0.1, 0.5}, .fad = {0.5, 2}, .fad_days = {0.03, 0.15}, .noise = {0.2, 0.5}}},
};

}  // namespace

std::span<const ParameterField> ParameterFields() { return kFields; }

std::span<const Shape> AllShapes() { return kShapes; }

const Shape* ShapeNamed(std::string_view name) {
  const auto* found = std::find_if(std::begin(kShapes), std::end(kShapes), [&](const Shape& shape) { return shape.name == name; });
  return found == std::end(kShapes) ? nullptr : found;
}

uint64_t DiceSeed(const Shape& shape, uint64_t seed) { return Mix64(seed) ^ Hash64(shape.name); }

ShapeParameters<double> DrawParameters(const Shape& shape, uint64_t seed) {
  Dice dice(DiceSeed(shape, seed), 0);
  ShapeParameters<double> drawn;
  for (const auto& field : kFields) {
    const Range range = shape.ranges.*field.range;
    drawn.*field.value = dice.Between(range.low, range.high);
  }
  return drawn;
}

}  // namespace catwalk::evaluate
