#include "models/design_features.h"

#include <algorithm>
#include <cmath>

#include "models/columns.h"
#include "models/lanes.h"

namespace catwalk::models {
namespace {

constexpr float kDemandFloor = 0.2F;
constexpr float kGroupPrior = 1.0F;
/// Groups whose lifts are multiplied before a logarithm is taken: of so many a float holds the product, at most kMaxRankedWeight each.
constexpr size_t kTogether = 3;
constexpr size_t kDesignsAtOnce = 16;

}  // namespace

void DesignFeatures::Begin(const DesignTable& table) {
  table_ = &table;
  if (identity_ == table.identity()) return;
  identity_ = table.identity();
  Forget();
}

void DesignFeatures::Forget() {
  for (const int32_t row : rows_) place_of_[static_cast<size_t>(row)] = kNowhere;
  place_of_.resize(static_cast<size_t>(table_->size()), kNowhere);
  rows_.clear();
  shared_.clear();
  most_wanted_.clear();
}

void DesignFeatures::Find(std::span<const int32_t> rows, std::vector<int32_t>* places) {
  const size_t known = rows_.size();
  places->resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    int32_t& place = place_of_[static_cast<size_t>(rows[i])];
    if (place == kNowhere) {
      place = static_cast<int32_t>(rows_.size());
      rows_.push_back(rows[i]);
    }
    (*places)[i] = place;
  }
  if (rows_.size() > known) AddShared(std::span(rows_).subspan(known));
}

void DesignFeatures::AddShared(std::span<const int32_t> rows) {
  const size_t first = shared_.size();
  shared_.resize(first + rows.size());
  numbers_.assign(PaddedSize(rows.size()), 0.0F);
  passed_.assign(numbers_.size(), 0.0F);
  const int64_t clock = table_->clock();
  for (const int32_t row : rows) Prefetch(table_->Signals(row));
  for (size_t i = 0; i < rows.size(); ++i) {
    shared_[first + i].shrinkage = table_->ShrinkageOf(rows[i]);
    shared_[first + i].untouched = table_->HasFactor(rows[i]) ? 0.0F : 1.0F;
    shared_[first + i].values = table_->Signals(rows[i]).values;
    shared_[first + i].weight = static_cast<float>(std::min(table_->Weight(rows[i]), kMaxRankedWeight));
    shared_[first + i].groups = table_->Signals(rows[i]).groups.lookup();
  }
  for (size_t i = 0; i < rows.size(); ++i) passed_[i] = static_cast<float>(clock - table_->Signals(rows[i]).last);
  for (size_t h = 0; h < kHorizons; ++h) {
    const float per_event = -std::log(2.0F) / kHorizonEvents[h];
    for (size_t i = 0; i < rows.size(); ++i) numbers_[i] = table_->Signals(rows[i]).recent[h];
    NumbersOf(numbers_) = (NumbersOf(numbers_) * (NumbersOf(passed_) * per_event).exp() + kDemandFloor).log();
    for (size_t i = 0; i < rows.size(); ++i) shared_[first + i].demand[h] = numbers_[i];
  }
  for (size_t i = 0; i < rows.size(); ++i) shared_[first + i].segments = table_->SegmentDemand(rows[i]);
  const auto add_time = [&](float Shared::*feature, auto passed) {
    for (size_t i = 0; i < rows.size(); ++i) {
      const DesignSignals& signals = table_->Signals(rows[i]);
      numbers_[i] = signals.last > 0 ? static_cast<float>(passed(signals)) : 0.0F;
    }
    NumbersOf(numbers_) = (NumbersOf(numbers_) + 1.0F).log();
    for (size_t i = 0; i < rows.size(); ++i) shared_[first + i].*feature = numbers_[i];
  };
  add_time(&Shared::age, [clock](const DesignSignals& signals) { return clock - signals.first; });
  add_time(&Shared::quiet, [clock](const DesignSignals& signals) { return clock - signals.last; });
}

std::span<const Memberships> DesignFeatures::SegmentDemandOfMostWanted() {
  if (most_wanted_.empty())
    for (const int32_t row : table_->MostWantedRows(kSegmentHorizon)) most_wanted_.push_back(table_->SegmentDemand(row));
  return most_wanted_;
}

void DesignFeatures::MeanGroupLifts(std::span<const uint64_t> groups, std::span<const int32_t> places, AlignedVector<float>* means) {
  FindGroups(groups);
  if (groups_.empty()) return;
  const std::span<const Group> all = groups_;
  for (size_t first = 0; first < all.size(); first += kTogether)
    AddLogLifts(all.subspan(first, std::min(kTogether, all.size() - first)), places, means);
  NumbersOf(*means) *= 1.0F / static_cast<float>(all.size());
}

void DesignFeatures::FindGroups(std::span<const uint64_t> groups) {
  groups_.clear();
  const double total = table_->TotalWeight();
  for (const uint64_t group : groups)
    if (const double weight = table_->TotalWeightOfGroup(group); weight > 0 && total > 0)
      groups_.push_back({table_->NumberOfGroup(group), static_cast<float>(weight / total)});
}

/// The sum of their logarithms is the logarithm of the lifts' product. All weights of a few designs are found before the first is read.
void DesignFeatures::AddLogLifts(std::span<const Group> groups, std::span<const int32_t> places, AlignedVector<float>* sums) {
  const float* weights[kDesignsAtOnce][kTogether];
  numbers_.assign(sums->size(), 1.0F);
  for (size_t first = 0; first < places.size(); first += kDesignsAtOnce) {
    const size_t count = std::min(kDesignsAtOnce, places.size() - first);
    for (size_t i = first + kDesignsAtOnce; i < std::min(places.size(), first + 2 * kDesignsAtOnce); ++i) At(places[i]).groups.Prefetch();
    for (size_t i = 0; i < count; ++i) {
      const GroupLookup& lookup = At(places[first + i]).groups;
      for (size_t g = 0; g < groups.size(); ++g) Prefetch(weights[i][g] = lookup.Find(groups[g].number));
    }
    for (size_t i = 0; i < count; ++i) {
      const float of_design = At(places[first + i]).weight;
      float observed = 1, expected = 1;
      for (size_t g = 0; g < groups.size(); ++g) {
        observed *= *weights[i][g] + kGroupPrior;
        expected *= of_design * groups[g].share + kGroupPrior;
      }
      numbers_[first + i] = observed / expected;
    }
  }
  NumbersOf(*sums) += NumbersOf(numbers_).log();
}

}  // namespace catwalk::models
