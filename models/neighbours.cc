#include "models/neighbours.h"

#include <algorithm>
#include <cmath>

#include "models/decay.h"

namespace catwalk::models {
namespace {

constexpr float kMaxWeight = 1e6F;
constexpr float kNextPosition = 0.8F;

bool ByKey(const Neighbour& a, const Neighbour& b) { return a.design < b.design; }

/// An entry and its weight at the time of the row.
struct Weighed {
  float weight;
  const Neighbour* entry;
};

bool Heavier(const Weighed& a, const Weighed& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.entry->design < b.entry->design;
}

/// The entry of that key, among the first `known` (which are sorted) or those appended since, or a new one.
Neighbour& Find(DesignKey design, int64_t at_ms, size_t known, std::vector<Neighbour>* entries) {
  const auto end = entries->begin() + static_cast<ptrdiff_t>(known);
  auto at = std::lower_bound(entries->begin(), end, Neighbour{design, 0, 0}, ByKey);
  if (at == end || at->design != design)
    at = std::find_if(end, entries->end(), [design](const Neighbour& entry) { return entry.design == design; });
  return at != entries->end() ? *at : entries->emplace_back(Neighbour{design, 0, at_ms});
}

void Add(const Decay& decay, float weight, int64_t at_ms, Neighbour* entry) {
  entry->weight = std::fma(weight, decay.Over(at_ms, entry->at_ms), entry->weight * decay.Over(entry->at_ms, at_ms));
  entry->at_ms = std::max(entry->at_ms, at_ms);
}

void Trim(const NeighbourOptions& options, NeighbourRow* row) {
  if (row->entries.size() <= 2 * static_cast<size_t>(options.limit)) return;
  row->entries = Strongest(options, *row);
}

}  // namespace

void Visit(const NeighbourOptions& options, int64_t at_ms, float weight, DesignKey self, std::span<const DesignKey> recent,
           NeighbourRow* row) {
  if (!(weight > 0 && weight <= kMaxWeight)) return;
  if (row->entries.empty()) row->at_ms = at_ms;
  row->at_ms = std::max(row->at_ms, at_ms);
  const Decay decay(options.half_life_ms);
  const size_t known = row->entries.size();
  float share = weight;
  for (const DesignKey design : recent) {
    if (share < kLightestNeighbour) break;
    if (design != self) Add(decay, share, at_ms, &Find(design, at_ms, known, &row->entries));
    share *= kNextPosition;
  }
  Trim(options, row);
  std::sort(row->entries.begin(), row->entries.end(), ByKey);
}

std::vector<Neighbour> Strongest(const NeighbourOptions& options, const NeighbourRow& row) {
  const Decay decay(options.half_life_ms);
  std::vector<Weighed> weighed;
  for (const Neighbour& entry : row.entries) weighed.push_back({entry.weight * decay.Over(entry.at_ms, row.at_ms), &entry});
  const size_t kept = std::min(weighed.size(), static_cast<size_t>(options.limit));
  std::partial_sort(weighed.begin(), weighed.begin() + static_cast<ptrdiff_t>(kept), weighed.end(), Heavier);
  std::vector<Neighbour> strongest;
  for (size_t i = 0; i < kept; ++i) strongest.push_back(*weighed[i].entry);
  return strongest;
}

}  // namespace catwalk::models
