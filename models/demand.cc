#include "models/demand.h"

#include <algorithm>
#include <cmath>

namespace catwalk::models {
namespace {

constexpr float kMaxWeight = 1e6F;

bool ByGroup(const GroupWeight& a, const GroupWeight& b) { return a.group < b.group; }
bool Heavier(const GroupWeight& a, const GroupWeight& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.group < b.group;
}

void AddTo(uint64_t group, float weight, std::vector<GroupWeight>* groups) {
  const auto at = std::lower_bound(groups->begin(), groups->end(), GroupWeight{group, 0}, ByGroup);
  if (at != groups->end() && at->group == group) {
    at->weight += weight;
  } else {
    groups->insert(at, {group, weight});
  }
}

void DropLightest(std::vector<GroupWeight>* groups) {
  if (groups->size() <= 2 * kMaxGroups) return;
  std::nth_element(groups->begin(), groups->begin() + kMaxGroups, groups->end(), Heavier);
  groups->resize(kMaxGroups);
  std::sort(groups->begin(), groups->end(), ByGroup);
}

}  // namespace

float Fading(int horizon, int64_t events) {
  return std::exp2(-static_cast<float>(events) / kHorizonEvents[static_cast<size_t>(horizon)]);
}

void Count(int64_t clock, float weight, const Wanter& wanter, Demand* demand) {
  if (!(weight > 0 && weight <= kMaxWeight)) return;
  if (demand->last == 0) demand->first = demand->last = clock;  // readings start at 1
  const int64_t passed = std::max<int64_t>(clock - demand->last, 0), late = std::max<int64_t>(demand->last - clock, 0);
  for (int h = 0; h < kHorizons; ++h) {
    float& recent = demand->recent[static_cast<size_t>(h)];
    recent = std::fma(weight, Fading(h, late), recent * Fading(h, passed));
  }
  const float of_new = Fading(kSegmentHorizon, late), of_old = Fading(kSegmentHorizon, passed);
  for (size_t s = 0; s < kSegments; ++s) demand->segments[s] = std::fma(weight * wanter.segments[s], of_new, demand->segments[s] * of_old);
  demand->first = std::min(demand->first, clock);
  demand->last = std::max(demand->last, clock);
  for (const uint64_t group : wanter.groups) AddTo(group, weight, &demand->groups);
  DropLightest(&demand->groups);
}

}  // namespace catwalk::models
