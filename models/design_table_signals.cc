// The part of DesignTableBuilder that keeps what the blend reads.
#include <algorithm>
#include <cmath>
#include <utility>

#include "models/design_table.h"

namespace catwalk::models {
namespace {

/// Units of 2^-10. What a design can ever weigh is bounded so that sums over a table fit.
int64_t Units(double weight) { return std::llround(std::min(weight, kMaxRankedWeight) * 1024); }

constexpr float kMaxLink = 1e12F;

bool AreUsable(const FeatureVector& weights) {
  return std::all_of(weights.begin(), weights.end(), [](float x) { return std::fabs(x) <= kMaxBlendWeight; });
}

}  // namespace

const std::string& AttributeOf(const CatalogueEntry& entry, int attribute) {
  const std::string* const attributes[kAttributes] = {&entry.category, &entry.silhouette, &entry.colour,
                                                      &entry.material, &entry.designer,   &entry.collection};
  return *attributes[attribute];
}

const float* DesignTable::MeanFactor(ValueNumber value) const {
  if (value == kNoValue) return nullptr;
  const ValueFactor& known = value_factors_[static_cast<size_t>(value)];
  return known.designs > 0 ? known.mean.data() : nullptr;
}

DesignTable::Shrinkage DesignTable::ShrinkageOf(int row) const {
  const auto& values = Signals(row).values;
  const auto means = std::count_if(values.begin(), values.end(), [this](ValueNumber value) { return MeanFactor(value) != nullptr; });
  if (means == 0) return {};
  const auto weight = static_cast<float>(std::min(Weight(row), kMaxRankedWeight));
  return {weight / (weight + kFactorPrior), kFactorPrior / (weight + kFactorPrior) / static_cast<float>(means)};
}

void DesignTable::ShrunkFactor(int row, float* out) const {
  const Shrinkage shrinkage = ShrinkageOf(row);
  const auto stride = static_cast<size_t>(stride_);
  for (size_t i = 0; i < stride; ++i) out[i] = shrinkage.own * Factor(row)[i];
  for (const ValueNumber value : Signals(row).values) {
    const float* const mean = MeanFactor(value);
    if (mean == nullptr) continue;
    for (size_t i = 0; i < stride; ++i) out[i] = std::fma(shrinkage.each_mean, mean[i], out[i]);
  }
}

Memberships DesignTable::SegmentDemand(int row) const {
  Memberships demand = Signals(row).segments;
  const float fading = Fading(kSegmentHorizon, clock_ - Signals(row).last);
  for (float& of : demand) of *= fading;
  return demand;
}

const DesignTable::GroupUnits* DesignTable::FindGroup(uint64_t group) const {
  const auto at = std::lower_bound(group_units_.begin(), group_units_.end(), group,
                                   [](const GroupUnits& entry, uint64_t key) { return entry.group < key; });
  return at != group_units_.end() && at->group == group ? &*at : nullptr;
}

double DesignTable::TotalWeightOfGroup(uint64_t group) const {
  const GroupUnits* const found = FindGroup(group);
  return found == nullptr ? 0.0 : FromUnits(found->units);
}

GroupNumber DesignTable::NumberOfGroup(uint64_t group) const {
  const GroupUnits* const found = FindGroup(group);
  return found == nullptr ? static_cast<GroupNumber>(group_units_.size()) : found->number;
}

void DesignTableBuilder::ApplyNeighbours(std::string_view design_id, std::span<const Neighbour> before, int64_t next_offset) {
  std::vector<Neighbour> usable(before.begin(), before.end());
  std::erase_if(usable, [](const Neighbour& entry) { return !(entry.weight > 0 && entry.weight <= kMaxLink); });
  links_.Set(KeyOf(design_id), usable);
  SkipFactors(next_offset);
}

Status DesignTableBuilder::ApplyBlend(const BlendWeights& weights, int64_t next_offset) {
  if (!AreUsable(weights.shared) || !std::all_of(weights.offsets.begin(), weights.offsets.end(), AreUsable) ||
      !std::all_of(weights.segments.begin(), weights.segments.end(), AreUsable))
    return {Code::kInvalidArgument, "a weight of the blend is not finite or too large; the last good ones stay in use"};
  master_.blend_ = weights;
  SkipModel(next_offset);
  return Status::Ok();
}

Status DesignTableBuilder::ApplyFitModel(const FitModel& model, int64_t next_offset) {
  if (!IsUsable(model))
    return {Code::kInvalidArgument, "a number of the model of fit is not finite or too large; the last good ones stay in use"};
  master_.fit_model_ = model;
  SkipModel(next_offset);
  return Status::Ok();
}

Status DesignTableBuilder::ApplySegments(const Segments& segments, int64_t next_offset) {
  if (!IsUsable(segments, master_.k_))
    return {Code::kInvalidArgument, "a centre of the segments is not of length 1 or has not " + std::to_string(master_.k_) +
                                        " numbers; the last good ones stay in use"};
  master_.segments_ = segments;
  SkipModel(next_offset);
  return Status::Ok();
}

std::span<const OfferedSize> DesignTable::SizesOf(int row) const {
  const CatalogueEntry* const entry = Catalogue(row);
  if (entry != nullptr && !entry->sizes.empty()) return entry->sizes;
  const auto& fit = Signals(row).fit;
  return fit == nullptr ? std::span<const OfferedSize>() : fit->seen;
}

void DesignTableBuilder::SetFit(int row, const DesignFit& fit) {
  master_.signals_[static_cast<size_t>(row)].fit = fit == DesignFit{} ? nullptr : std::make_shared<const DesignFit>(fit);
}

Status DesignTableBuilder::ApplyRanker(const RankerWeights& weights, int64_t next_offset) {
  if (!IsUsable(weights))
    return {Code::kInvalidArgument, "a weight of the ranker is not finite or too large; the last good ones stay in use"};
  master_.ranker_ = weights;
  SkipModel(next_offset);
  return Status::Ok();
}

void DesignTableBuilder::SetDemand(int row, const Demand& demand) {
  DesignSignals& signals = master_.signals_[static_cast<size_t>(row)];
  auto& groups = groups_[static_cast<size_t>(row)];
  ReplaceGroups(groups, demand.groups);
  groups = demand.groups;
  signals.groups = NumberedGroups(groups);
  signals.recent = demand.recent;
  signals.segments = demand.segments;
  signals.first = demand.first;
  signals.last = demand.last;
  most_wanted_.Set(row, demand.recent, demand.last);
  master_.clock_ = std::max(master_.clock_, demand.last);
}

/// Adds the row's weight and factor to the totals they belong to, `sign` times.
void DesignTableBuilder::AddToTotals(int row, int64_t sign) {
  const int64_t units = sign * Units(master_.Weight(row));
  master_.total_units_ += units;
  const auto& values = master_.Signals(row).values;
  for (size_t a = 0; a < values.size(); ++a) {
    if (values[a] == kNoValue) continue;
    master_.attribute_units_[a] += units;
    master_.value_units_[static_cast<size_t>(values[a])] += units;
    if (master_.HasFactor(row)) AddToValueFactor(values[a], master_.Factor(row), sign);
  }
}

void DesignTableBuilder::AddToValueFactor(ValueNumber value, const float* factor, int64_t sign) {
  const auto at = static_cast<size_t>(value);
  master_.value_factors_[at].designs += sign;
  for (size_t i = 0; i < value_sums_[at].size(); ++i)
    value_sums_[at][i] += sign * std::llround(static_cast<double>(factor[i]) * kUnitsPerOne);
  value_changed_at_[at] = next_version_;
}

void DesignTableBuilder::RefreshValueFactors() {
  for (size_t value = 0; value < value_sums_.size(); ++value) {
    if (value_changed_at_[value] != next_version_) continue;
    auto& [designs, mean] = master_.value_factors_[value];
    mean.assign(static_cast<size_t>(master_.stride_), 0.0F);
    const double units = kUnitsPerOne * static_cast<double>(std::max<int64_t>(designs, 1));
    for (size_t i = 0; i < value_sums_[value].size(); ++i)
      mean[i] = static_cast<float>(static_cast<double>(value_sums_[value][i]) / units);
  }
}

void DesignTableBuilder::ReorderUntouched() {
  untouched_changed_at_ = next_version_;
  untouched_reordered_ = true;
}

void DesignTableBuilder::RefreshUntouched() {
  if (untouched_changed_at_ != next_version_) return;
  auto& rows = master_.untouched_;
  if (std::exchange(untouched_reordered_, false)) {
    SortUntouched();
  } else {
    std::erase_if(rows, [this](int32_t row) { return master_.HasFactor(row); });  // most have only been touched
  }
  for (size_t a = 0; a < kAttributes; ++a) {
    auto& values = master_.untouched_values_[a];
    values.clear();
    for (const int32_t row : rows) values.push_back(master_.Signals(row).values[a]);
  }
}

void DesignTableBuilder::SortUntouched() {
  auto& rows = master_.untouched_;
  rows.clear();
  for (int row = 0; row < master_.size(); ++row)
    if (!master_.HasFactor(row)) rows.push_back(row);
  std::sort(rows.begin(), rows.end(), [this](int32_t a, int32_t b) {
    const int64_t at_a = master_.released_at_ms(a), at_b = master_.released_at_ms(b);
    return at_a != at_b ? at_a > at_b : master_.IdOf(a) < master_.IdOf(b);
  });
}

/// Moves the totals by what has changed. All are sorted by group.
void DesignTableBuilder::ReplaceGroups(std::span<const GroupWeight> before, std::span<const GroupWeight> now) {
  auto& totals = master_.group_units_;
  auto at = totals.begin();
  const auto add = [&](const GroupWeight& group, int64_t sign) {
    at = std::lower_bound(at, totals.end(), group.group, [](const auto& entry, uint64_t key) { return entry.group < key; });
    if (at == totals.end() || at->group != group.group)
      at = totals.insert(at, {group.group, 0, static_cast<GroupNumber>(totals.size())});
    at->units += sign * Units(static_cast<double>(group.weight));
  };
  for (size_t i = 0, j = 0; i < before.size() || j < now.size();) {
    const bool gone = j == now.size() || (i < before.size() && before[i].group < now[j].group);
    const bool is_new = i == before.size() || (j < now.size() && now[j].group < before[i].group);
    if (gone) {
      add(before[i++], -1);
    } else if (is_new) {
      add(now[j++], 1);
    } else {
      if (before[i] != now[j]) add(before[i], -1), add(now[j], 1);
      ++i, ++j;
    }
  }
}

/// All of them have a number by now.
GroupWeights DesignTableBuilder::NumberedGroups(std::span<const GroupWeight> groups) const {
  std::vector<GroupWeights::Entry> entries;
  const auto most = static_cast<float>(kMaxRankedWeight);
  for (const GroupWeight& group : groups) entries.push_back({master_.NumberOfGroup(group.group), std::min(group.weight, most)});
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.group < b.group; });
  return GroupWeights(entries);
}

void DesignTableBuilder::SetValues(int row) {
  AddToTotals(row, -1);
  auto& values = master_.signals_[static_cast<size_t>(row)].values;
  const CatalogueEntry* const entry = master_.Catalogue(row);
  for (int a = 0; a < kAttributes; ++a)
    values[static_cast<size_t>(a)] = entry == nullptr ? kNoValue : NumberOf(a, AttributeOf(*entry, a));
  AddToTotals(row, 1);
}

ValueNumber DesignTableBuilder::NumberOf(int attribute, const std::string& value) {
  if (value.empty()) return kNoValue;
  const auto next = static_cast<ValueNumber>(master_.value_units_.size());
  const auto [at, is_new] = values_.try_emplace({attribute, value}, next);
  if (is_new) {
    master_.value_units_.push_back(0);
    master_.value_factors_.emplace_back();
    value_sums_.emplace_back(static_cast<size_t>(master_.k_));
    value_changed_at_.push_back(next_version_);
  }
  return at->second;
}

/// Null if none of them has a row.
std::shared_ptr<const LinkedRows> DesignTableBuilder::RowsOf(std::span<const Link> links) const {
  LinkedRows rows;
  for (const Link& link : links) {
    const int row = master_.RowOf(link.design);
    if (row < 0) continue;
    rows.at_ms = link.at_ms;  // the same for all
    rows.entries.push_back({row, link.weight});
  }
  return rows.entries.empty() ? nullptr : std::make_shared<const LinkedRows>(std::move(rows));
}

void DesignTableBuilder::RefreshLinks() {
  std::vector<DesignKey> changed = links_.TakeChanged();
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const DesignKey design : changed) {
    const int row = master_.RowOf(design);
    if (row < 0) continue;
    auto& held = master_.signals_[static_cast<size_t>(row)].links;
    auto links = RowsOf(links_.LinksOf(design));
    if (links == nullptr && held == nullptr) continue;
    held = std::move(links);
    MarkChanged(row);
  }
}

void DesignTableBuilder::RefreshMostWanted() {
  const auto by_id = [this](int32_t a, int32_t b) { return master_.IdOf(a) < master_.IdOf(b); };
  if (!most_wanted_.Refresh(by_id)) return;
  for (int h = 0; h < kHorizons; ++h) master_.most_wanted_[static_cast<size_t>(h)] = most_wanted_.Ranking(h);
  most_wanted_changed_at_ = next_version_;
}

}  // namespace catwalk::models
