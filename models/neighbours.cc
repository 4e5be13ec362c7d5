#include "models/neighbours.h"

#include <algorithm>
#include <cmath>

#include "models/decay.h"

namespace catwalk::models {
namespace {

constexpr float kMaxWeight = 1e6F;
constexpr float kNextPosition = 0.8F;

bool Heavier(const Neighbour& a, const Neighbour& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.design < b.design;
}

bool ByKey(const Neighbour& a, const Neighbour& b) { return a.design < b.design; }

void DecayRow(float keep, NeighbourRow* row) {
  if (keep == 1.0F) return;
  for (Neighbour& entry : row->entries) entry.weight *= keep;
  std::erase_if(row->entries, [](const Neighbour& entry) { return entry.weight < kLightestNeighbour; });
}

/// Adds to the entry of that key, among the first `known` (which are sorted) or those appended since, or appends one.
void Add(DesignKey design, float weight, size_t known, std::vector<Neighbour>* entries) {
  const auto end = entries->begin() + static_cast<ptrdiff_t>(known);
  auto at = std::lower_bound(entries->begin(), end, Neighbour{design, 0}, ByKey);
  if (at == end || at->design != design)
    at = std::find_if(end, entries->end(), [design](const Neighbour& entry) { return entry.design == design; });
  if (at == entries->end()) {
    entries->push_back({design, weight});
  } else {
    at->weight += weight;
  }
}

/// Keeps the `limit` heaviest. Down to the half, so that a newcomer has time to gather weight before the next cut.
void Trim(size_t limit, std::vector<Neighbour>* entries) {
  if (entries->size() <= 2 * limit) return;
  std::nth_element(entries->begin(), entries->begin() + static_cast<ptrdiff_t>(limit), entries->end(), Heavier);
  entries->resize(limit);
}

}  // namespace

void Visit(const NeighbourOptions& options, int64_t at_ms, float weight, DesignKey self, std::span<const DesignKey> recent,
           NeighbourRow* row) {
  if (!(weight > 0 && weight <= kMaxWeight)) return;
  if (row->entries.empty()) row->at_ms = at_ms;
  const Decay decay(options.half_life_ms);
  DecayRow(decay.Over(row->at_ms, at_ms), row);
  float share = weight * decay.Over(at_ms, row->at_ms);
  row->at_ms = std::max(row->at_ms, at_ms);
  const size_t known = row->entries.size();
  for (const DesignKey design : recent) {
    if (share < kLightestNeighbour) break;
    if (design != self) Add(design, share, known, &row->entries);
    share *= kNextPosition;
  }
  Trim(static_cast<size_t>(options.limit), &row->entries);
  std::sort(row->entries.begin(), row->entries.end(), ByKey);
}

std::vector<Neighbour> Strongest(const NeighbourOptions& options, const NeighbourRow& row) {
  std::vector<Neighbour> strongest(std::min(row.entries.size(), static_cast<size_t>(options.limit)));
  std::partial_sort_copy(row.entries.begin(), row.entries.end(), strongest.begin(), strongest.end(), Heavier);
  return strongest;
}

}  // namespace catwalk::models
