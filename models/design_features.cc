#include "models/design_features.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/columns.h"

namespace catwalk::models {
namespace {

constexpr float kDemandFloor = 0.2F;
constexpr float kGroupPrior = 1.0F;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
/// Lifts ahead of which a weight of a group is asked for: it comes from far, and so does where it is.
constexpr size_t kAhead = 24;

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
  column_of_.clear();
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

int DesignFeatures::AddGroupLifts(std::span<const uint64_t> groups, std::span<const int32_t> places, std::span<float> sums) {
  asked_.clear();
  for (const uint64_t group : groups) {
    const size_t number = ColumnOf(group);
    columns_[number].lifts.resize(rows_.size(), kNan);
    if (columns_[number].share > 0) asked_.push_back(number);
  }
  FindMissing(places);
  if (!missing_.empty()) WorkOutMissing();
  for (const size_t number : asked_) {
    const std::vector<float>& lifts = columns_[number].lifts;
    for (size_t i = 0; i < places.size(); ++i) sums[i] += lifts[static_cast<size_t>(places[i])];
  }
  return static_cast<int>(asked_.size());
}

size_t DesignFeatures::ColumnOf(uint64_t group) {
  const auto [at, is_new] = column_of_.try_emplace(group, column_of_.size());
  if (at->second == columns_.size()) columns_.emplace_back();
  if (!is_new) return at->second;
  GroupColumn& column = columns_[at->second];
  const double weight = table_->TotalWeightOfGroup(group), total = table_->TotalWeight();
  column.lifts.clear();
  column.number = table_->NumberOfGroup(group);
  column.share = weight > 0 && total > 0 ? static_cast<float>(weight / total) : 0.0F;
  return at->second;
}

/// Place by place, as what a place's lifts need lies together.
void DesignFeatures::FindMissing(std::span<const int32_t> places) {
  missing_.resize(places.size() * asked_.size());
  size_t missing = 0;
  for (const int32_t place : places) {
    for (const size_t number : asked_) {
      GroupColumn& column = columns_[number];
      float& lift = column.lifts[static_cast<size_t>(place)];
      missing_[missing] = {&column, &lift, place};  // counts if it is: nobody can predict that
      missing += std::isnan(lift) ? 1 : 0;
    }
  }
  missing_.resize(missing);
}

void DesignFeatures::WorkOutMissing() {
  numbers_.assign(PaddedSize(missing_.size()), 1.0F);
  for (size_t i = 0; i < missing_.size(); ++i) {
    if (i + 2 * kAhead < missing_.size()) At(missing_[i + 2 * kAhead].place).groups.Prefetch();
    if (i + kAhead < missing_.size()) At(missing_[i + kAhead].place).groups.PrefetchWeight(missing_[i + kAhead].column->number);
    const Shared& design = At(missing_[i].place);
    const GroupColumn& column = *missing_[i].column;
    numbers_[i] = (design.groups.Of(column.number) + kGroupPrior) / (design.weight * column.share + kGroupPrior);
  }
  NumbersOf(numbers_) = NumbersOf(numbers_).log();
  for (size_t i = 0; i < missing_.size(); ++i) *missing_[i].lift = numbers_[i];
}

}  // namespace catwalk::models
