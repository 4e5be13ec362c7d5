#include "models/link_index.h"

#include <algorithm>
#include <limits>

#include "models/decay.h"

namespace catwalk::models {
namespace {

bool ByKey(const Neighbour& a, const Neighbour& b) { return a.design < b.design; }
bool Stronger(const Link& a, const Link& b) { return a.weight != b.weight ? a.weight > b.weight : a.design < b.design; }

auto Find(DesignKey design, std::vector<Neighbour>* entries) {
  return std::lower_bound(entries->begin(), entries->end(), Neighbour{design, 0, 0}, ByKey);
}

Link AsOf(const Decay& decay, int64_t at_ms, const Neighbour& entry) {
  return {entry.design, entry.weight * decay.Over(entry.at_ms, at_ms), at_ms};
}

int64_t Latest(int64_t at_ms, std::span<const Neighbour> entries) {
  for (const Neighbour& entry : entries) at_ms = std::max(at_ms, entry.at_ms);
  return at_ms;
}

/// Calls `both(a, b)` for each key of either list; null where a list has it not. Both are sorted by key.
template <class Both>
void ForEachKey(std::span<const Neighbour> a, std::span<const Neighbour> b, Both both) {
  auto in_a = a.begin();
  auto in_b = b.begin();
  while (in_a != a.end() || in_b != b.end()) {
    const bool take_a = in_b == b.end() || (in_a != a.end() && in_a->design <= in_b->design);
    const bool take_b = in_a == a.end() || (in_b != b.end() && in_b->design <= in_a->design);
    both(take_a ? &*in_a : nullptr, take_b ? &*in_b : nullptr);
    in_a += take_a ? 1 : 0;
    in_b += take_b ? 1 : 0;
  }
}

}  // namespace

void LinkIndex::Set(DesignKey design, std::span<const Neighbour> before) {
  std::vector<Neighbour> now(before.begin(), before.end());
  std::sort(now.begin(), now.end(), ByKey);
  ForEachKey(rows_[design].before, now, [this, design](const Neighbour* old, const Neighbour* entry) {
    if (entry == nullptr) {
      DropAfter(old->design, design);
    } else if (old == nullptr || *old != *entry) {
      PutAfter(entry->design, {design, entry->weight, entry->at_ms});
    }
  });
  rows_[design].before = std::move(now);
  changed_.push_back(design);
}

void LinkIndex::PutAfter(DesignKey design, const Neighbour& after) {
  auto& entries = rows_[design].after;
  const auto at = Find(after.design, &entries);
  if (at != entries.end() && at->design == after.design) {
    *at = after;
  } else {
    entries.insert(at, after);
  }
  changed_.push_back(design);
}

void LinkIndex::DropAfter(DesignKey design, DesignKey after) {
  auto& entries = rows_[design].after;
  const auto at = Find(after, &entries);
  if (at != entries.end() && at->design == after) entries.erase(at);
  changed_.push_back(design);
}

void LinkIndex::Touch(DesignKey design) {
  changed_.push_back(design);
  const auto found = rows_.find(design);
  if (found == rows_.end()) return;
  for (const auto* const side : {&found->second.before, &found->second.after})
    for (const Neighbour& entry : *side) changed_.push_back(entry.design);
}

std::vector<Link> LinkIndex::LinksOf(DesignKey design) const {
  const auto found = rows_.find(design);
  if (found == rows_.end()) return {};
  const Row& row = found->second;
  constexpr int64_t kEarliest = std::numeric_limits<int64_t>::min();
  const int64_t at_ms = Latest(Latest(kEarliest, row.before), row.after);
  const Decay decay(half_life_ms_);
  std::vector<Link> links;
  ForEachKey(row.before, row.after, [&](const Neighbour* before, const Neighbour* after) {
    links.push_back(AsOf(decay, at_ms, before != nullptr ? *before : *after));
    if (before != nullptr && after != nullptr) links.back().weight += AsOf(decay, at_ms, *after).weight;
  });
  const size_t kept = std::min(links.size(), kMaxLinks);
  std::partial_sort(links.begin(), links.begin() + static_cast<ptrdiff_t>(kept), links.end(), Stronger);
  links.resize(kept);
  return links;
}

}  // namespace catwalk::models
