#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "models/design_table.h"

namespace catwalk::models {
namespace {

constexpr double kNoPopularity = -std::numeric_limits<double>::infinity();
constexpr size_t kFewestSlots = 64;

bool IsFiniteAndNotNegative(double x) { return x >= 0 && std::isfinite(x); }

Status Refused(std::string_view design_id, const std::string& why) {
  return Status(Code::kInvalidArgument, "design \"" + std::string(design_id) + "\": " + why);
}

bool IsUsable(const Demand& demand) {
  const auto usable = [](float x) { return IsFiniteAndNotNegative(static_cast<double>(x)); };
  uint64_t previous = 0;  // no group's key
  for (const GroupWeight& group : demand.groups) {
    if (group.group <= previous || !usable(group.weight)) return false;
    previous = group.group;
  }
  return std::all_of(demand.recent.begin(), demand.recent.end(), usable) &&
         std::all_of(demand.segments.begin(), demand.segments.end(), usable) && demand.first >= 0 && demand.first <= demand.last;
}

Status CheckFactor(std::string_view design_id, const FactorEntry& entry, int k) {
  if (entry.factor.size() != static_cast<size_t>(k))
    return Refused(design_id, "its factor has " + std::to_string(entry.factor.size()) + " numbers, not " +
                                  std::to_string(k) + "; use one number of dimensions (k) throughout an installation");
  if (!std::all_of(entry.factor.begin(), entry.factor.end(), [](float x) { return std::isfinite(x); }))
    return Refused(design_id, "its factor has a number that is not finite; publish it again");
  if (!IsFiniteAndNotNegative(static_cast<double>(entry.popularity)) || !IsFiniteAndNotNegative(entry.weight))
    return Refused(design_id, "its popularity or weight is negative or not finite; publish it again");
  if (!IsUsable(entry.demand))
    return Refused(design_id, "its demand has a number that is negative or not finite, times out of order, or groups that are not "
                              "sorted; publish it again");
  if (!IsUsable(entry.fit.part) || entry.fit.seen.size() > kMaxSizesSeen)
    return Refused(design_id, "what it says of its fit is not finite or too much; publish it again");
  return Status::Ok();
}

}  // namespace

/// The versions that nobody pins any more, at most two, to be brought up to date instead of being made anew.
class DesignTableBuilder::Pool {
 public:
  /// The latest one, or null.
  std::unique_ptr<DesignTable> Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return nullptr;
    auto table = std::move(free_.back());
    free_.pop_back();
    return table;
  }

  void Give(std::unique_ptr<DesignTable> table) {
    const std::lock_guard lock(mutex_);
    if (free_.size() < 2) free_.push_back(std::move(table));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<DesignTable>> free_;
};

DesignTableBuilder::DesignTableBuilder(const DesignTableOptions& options)
    : master_(options.k), pool_(std::make_shared<Pool>()), links_(options.neighbour_half_life_ms) {
  const auto k = static_cast<size_t>(options.k);
  const auto stride = static_cast<size_t>(master_.stride_);
  const auto half_life = static_cast<double>(options.popularity_half_life_ms);
  master_.popularity_per_ms_ = half_life > 0 ? 1.0 / half_life : 0.0;
  master_.neighbour_half_life_ms_ = options.neighbour_half_life_ms;
  master_.gram_.assign(stride * stride, 0.0);
  master_.slots_.assign(kFewestSlots, DesignTable::kFree);
  fixed_gram_.assign(k * (k + 1) / 2, 0);
}

Status DesignTableBuilder::ApplyFactor(std::string_view design_id, const FactorEntry& entry, int64_t next_offset) {
  RETURN_IF_ERROR(CheckFactor(design_id, entry, master_.k_));
  ASSIGN_OR_RETURN(const int row, GetOrAddRow(design_id));
  if (master_.HasFactor(row)) {
    AddToGram(row, -1);
  } else {
    untouched_changed_at_ = next_version_;
  }
  AddToTotals(row, -1);
  SetFactor(row, entry);
  AddToTotals(row, 1);
  AddToGram(row, 1);
  SetDemand(row, entry.demand);
  SetFit(row, entry.fit);
  MarkChanged(row);
  SkipFactors(next_offset);
  return Status::Ok();
}

Status DesignTableBuilder::ApplyCatalogue(std::string_view design_id, const CatalogueEntry& entry, int64_t next_offset) {
  ASSIGN_OR_RETURN(const int row, GetOrAddRow(design_id));
  const auto at = static_cast<size_t>(row);
  SkipCatalogue(next_offset);
  if (master_.catalogue_[at] != nullptr && *master_.catalogue_[at] == entry) return Status::Ok();
  master_.catalogue_[at] = std::make_shared<const CatalogueEntry>(entry);
  master_.sales_[at] = {};
  if (entry.released_at_ms != 0) master_.sales_[at].released_at_ms = entry.released_at_ms;
  if (entry.expires_at_ms != 0) master_.sales_[at].expires_at_ms = entry.expires_at_ms;
  master_.sales_[at].has_sizes = !entry.sizes.empty();
  SetValues(row);
  if (!master_.HasFactor(row)) ReorderUntouched();
  MarkChanged(row);
  return Status::Ok();
}

void DesignTableBuilder::RemoveFactor(std::string_view design_id, int64_t next_offset) {
  SkipFactors(next_offset);
  const int row = master_.RowOf(KeyOf(design_id));
  if (row < 0 || !master_.HasFactor(row) || master_.IdOf(row) != design_id) return;
  AddToGram(row, -1);
  AddToTotals(row, -1);
  ReorderUntouched();
  const auto stride = static_cast<size_t>(master_.stride_);
  std::fill_n(master_.factors_.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(row) * stride), stride, 0.0F);
  master_.narrow_.Clear(row);
  master_.has_factor_[static_cast<size_t>(row)] = 0;
  SetDemand(row, {});
  SetFit(row, {});
  master_.weights_[static_cast<size_t>(row)] = 0;
  SetPopularity(row, kNoPopularity);
  MarkChanged(row);
  RemoveRowIfUnknown(row);
}

void DesignTableBuilder::RemoveCatalogue(std::string_view design_id, int64_t next_offset) {
  SkipCatalogue(next_offset);
  const int row = master_.RowOf(KeyOf(design_id));
  if (row < 0 || master_.Catalogue(row) == nullptr || master_.IdOf(row) != design_id) return;
  const auto at = static_cast<size_t>(row);
  master_.catalogue_[at] = nullptr;
  master_.sales_[at] = {};
  SetValues(row);
  MarkChanged(row);
  RemoveRowIfUnknown(row);
}

void DesignTableBuilder::SkipFactors(int64_t next_offset) {
  master_.factors_offset_ = std::max(master_.factors_offset_, next_offset);
}

void DesignTableBuilder::SkipModel(int64_t next_offset) {
  master_.model_offset_ = std::max(master_.model_offset_, next_offset);
}

void DesignTableBuilder::SkipCatalogue(int64_t next_offset) {
  master_.designs_offset_ = std::max(master_.designs_offset_, next_offset);
}

std::shared_ptr<const DesignTable> DesignTableBuilder::Publish() {
  Rank();
  RefreshGram();
  RefreshLinks();
  RefreshMostWanted();
  RefreshValueFactors();
  RefreshUntouched();
  if (!master_.narrow_.Fits()) master_.narrow_.Refit(master_.factors_.data(), static_cast<size_t>(master_.stride_));
  std::unique_ptr<DesignTable> table = pool_->Take();
  if (table == nullptr) {
    table = std::make_unique<DesignTable>(master_);
  } else {
    CopyChanges(table.get());
  }
  table->version_ = next_version_++;
  table->identity_ = std::make_shared<const char>('\0');
  return {table.release(), [pool = pool_](DesignTable* free) { pool->Give(std::unique_ptr<DesignTable>(free)); }};
}

Result<int> DesignTableBuilder::GetOrAddRow(std::string_view design_id) {
  const DesignKey key = KeyOf(design_id);
  if (const int row = master_.RowOf(key); row >= 0) {
    if (master_.IdOf(row) == design_id) return row;
    return Refused(design_id, "has the same key as \"" + master_.IdOf(row) + "\"; give one of them another id");
  }
  const int row = master_.size();
  Resize(static_cast<size_t>(row) + 1, &master_);
  master_.ids_.back() = design_id;
  master_.keys_.back() = key;
  master_.log_popularity_.back() = kNoPopularity;
  changed_at_.push_back(next_version_);
  unranked_.push_back(1);
  groups_.emplace_back();
  if (master_.slots_.size() < 2 * master_.ids_.size()) GrowSlots();
  master_.slots_[master_.FindSlot(key)] = row;
  slots_changed_at_ = next_version_;
  links_.Touch(key);
  return row;
}

void DesignTableBuilder::RemoveRowIfUnknown(int row) {
  if (!master_.HasFactor(row) && master_.Catalogue(row) == nullptr) RemoveRow(row);
}

void DesignTableBuilder::RemoveRow(int row) {
  const int last = master_.size() - 1;
  ReorderUntouched();
  DropFromRanking(row);
  most_wanted_.Remove(row, last);
  links_.Touch(master_.KeyOfRow(row));
  links_.Touch(master_.KeyOfRow(last));
  RemoveSlot(master_.KeyOfRow(row));
  if (row != last) MoveLastRowTo(row);
  Resize(static_cast<size_t>(last), &master_);
  changed_at_.pop_back();
  unranked_.pop_back();
  groups_.pop_back();
}

void DesignTableBuilder::MoveLastRowTo(int row) {
  const auto to = static_cast<size_t>(row), from = static_cast<size_t>(master_.size()) - 1;
  const auto stride = static_cast<size_t>(master_.stride_);
  master_.ids_[to] = std::move(master_.ids_[from]);
  master_.keys_[to] = master_.keys_[from];
  std::copy_n(&master_.factors_[from * stride], stride, &master_.factors_[to * stride]);
  master_.narrow_.Copy(to, master_.narrow_, from);
  master_.has_factor_[to] = master_.has_factor_[from];
  master_.log_popularity_[to] = master_.log_popularity_[from];
  master_.weights_[to] = master_.weights_[from];
  master_.catalogue_[to] = std::move(master_.catalogue_[from]);
  master_.sales_[to] = master_.sales_[from];
  master_.signals_[to] = std::move(master_.signals_[from]);
  groups_[to] = std::move(groups_[from]);
  unranked_[to] = unranked_[from];
  master_.slots_[master_.FindSlot(master_.keys_[to])] = row;
  MarkChanged(row);
}

// Closes the gap, so that a search may stop at the first free slot (Knuth, The Art of Computer Programming 3, 6.4 R).
void DesignTableBuilder::RemoveSlot(DesignKey key) {
  auto& slots = master_.slots_;
  const size_t mask = slots.size() - 1;
  size_t gap = master_.FindSlot(key);
  for (size_t next = (gap + 1) & mask; slots[next] != DesignTable::kFree; next = (next + 1) & mask) {
    const size_t home = master_.KeyOfRow(slots[next]) & mask;
    if (((next - home) & mask) < ((next - gap) & mask)) continue;  // its search does not pass the gap
    slots[gap] = slots[next];
    gap = next;
  }
  slots[gap] = DesignTable::kFree;
  slots_changed_at_ = next_version_;
}

void DesignTableBuilder::GrowSlots() {
  const size_t slots = master_.slots_.size() * 2;
  master_.slots_.assign(slots, DesignTable::kFree);
  for (int row = 0; row + 1 < master_.size(); ++row) master_.slots_[master_.FindSlot(master_.KeyOfRow(row))] = row;
}

// A product of two floats is exact in double; at most 2^12 by the clamp, hence 2^44 units: half a million designs of the
// largest factor there is fit 63 bits. Cutting off what is below a unit is the same when a factor comes and when it goes.
void DesignTableBuilder::AddToGram(int row, int64_t sign) {
  const float* q = master_.Factor(row);
  const auto k = static_cast<size_t>(master_.k_);
  int64_t* sum = fixed_gram_.data();
  for (size_t i = 0; i < k; ++i) {
    const double scaled = static_cast<double>(q[i]) * kUnitsPerOne;
    for (size_t j = 0; j <= i; ++j) *sum++ += sign * static_cast<int64_t>(scaled * static_cast<double>(q[j]));
  }
  gram_changed_at_ = next_version_;
}

void DesignTableBuilder::SetFactor(int row, const FactorEntry& entry) {
  const auto at = static_cast<size_t>(row);
  std::transform(entry.factor.begin(), entry.factor.end(), &master_.factors_[at * static_cast<size_t>(master_.stride_)],
                 [](float x) { return std::clamp(x, -kMaxFactorComponent, kMaxFactorComponent); });
  master_.narrow_.Set(row, master_.Factor(row));
  master_.has_factor_[at] = 1;
  master_.weights_[at] = entry.weight;
  const double moved = static_cast<double>(entry.popularity_at_ms) * master_.popularity_per_ms_;
  SetPopularity(row, entry.popularity > 0 ? std::log2(static_cast<double>(entry.popularity)) + moved : kNoPopularity);
}

void DesignTableBuilder::SetPopularity(int row, double log_popularity) {
  double& held = master_.log_popularity_[static_cast<size_t>(row)];
  if (held == log_popularity) return;
  held = log_popularity;
  unranked_[static_cast<size_t>(row)] = 1;
}

bool DesignTableBuilder::RanksBefore(int32_t a, int32_t b) const {
  const double popularity_a = master_.LogPopularity(a), popularity_b = master_.LogPopularity(b);
  return popularity_a != popularity_b ? popularity_a > popularity_b : master_.IdOf(a) < master_.IdOf(b);
}

/// Takes the row out and gives the last row, which is about to move there, its number.
void DesignTableBuilder::DropFromRanking(int row) {
  const int last = master_.size() - 1;
  auto& ranking = master_.by_popularity_;
  std::erase(ranking, row);
  if (row != last) std::replace(ranking.begin(), ranking.end(), last, row);
  ranking_changed_at_ = next_version_;
}

// Merges the few rows that have changed into the many that have not: sorting all at every version would be the dearest
// part of it.
void DesignTableBuilder::Rank() {
  unranked_rows_.clear();
  for (size_t row = 0; row < unranked_.size(); ++row)
    if (unranked_[row] != 0) unranked_rows_.push_back(static_cast<int32_t>(row));
  if (unranked_rows_.empty()) return;
  const auto before = [this](int32_t a, int32_t b) { return RanksBefore(a, b); };
  auto& ranking = master_.by_popularity_;
  std::erase_if(ranking, [this](int32_t row) { return unranked_[static_cast<size_t>(row)] != 0; });
  std::sort(unranked_rows_.begin(), unranked_rows_.end(), before);
  ranking_scratch_.resize(ranking.size() + unranked_rows_.size());
  std::merge(ranking.begin(), ranking.end(), unranked_rows_.begin(), unranked_rows_.end(), ranking_scratch_.begin(),
             before);
  ranking.swap(ranking_scratch_);
  std::fill(unranked_.begin(), unranked_.end(), uint8_t{0});
  ranking_changed_at_ = next_version_;
}

void DesignTableBuilder::RefreshGram() {
  if (gram_changed_at_ != next_version_) return;
  const auto k = static_cast<size_t>(master_.k_), stride = static_cast<size_t>(master_.stride_);
  const int64_t* sum = fixed_gram_.data();
  for (size_t i = 0; i < k; ++i)
    for (size_t j = 0; j <= i; ++j)
      master_.gram_[i * stride + j] = master_.gram_[j * stride + i] = static_cast<double>(*sum++) / kUnitsPerOne;
}

void DesignTableBuilder::Resize(size_t rows, DesignTable* table) const {
  table->ids_.resize(rows);
  table->keys_.resize(rows);
  table->factors_.resize(rows * static_cast<size_t>(master_.stride_));
  table->narrow_.Resize(static_cast<int>(rows));
  table->has_factor_.resize(rows);
  table->log_popularity_.resize(rows);
  table->weights_.resize(rows);
  table->catalogue_.resize(rows);
  table->sales_.resize(rows);
  table->signals_.resize(rows);
}

void DesignTableBuilder::CopyRow(size_t row, DesignTable* table) const {
  const auto stride = static_cast<size_t>(master_.stride_);
  if (table->ids_[row] != master_.ids_[row]) {
    table->keys_[row] = master_.keys_[row];
    table->ids_[row] = master_.ids_[row];
  }
  std::copy_n(&master_.factors_[row * stride], stride, &table->factors_[row * stride]);
  table->narrow_.Copy(row, master_.narrow_, row);
  table->has_factor_[row] = master_.has_factor_[row];
  table->log_popularity_[row] = master_.log_popularity_[row];
  table->weights_[row] = master_.weights_[row];
  table->catalogue_[row] = master_.catalogue_[row];
  table->sales_[row] = master_.sales_[row];
  table->signals_[row] = master_.signals_[row];
}

void DesignTableBuilder::CopyChanges(DesignTable* table) const {
  Resize(master_.ids_.size(), table);
  for (size_t row = 0; row < changed_at_.size(); ++row)
    if (changed_at_[row] > table->version_) CopyRow(row, table);
  if (table->narrow_.unit() != master_.narrow_.unit()) table->narrow_ = master_.narrow_;
  if (slots_changed_at_ > table->version_) table->slots_ = master_.slots_;
  if (gram_changed_at_ > table->version_) table->gram_ = master_.gram_;
  if (ranking_changed_at_ > table->version_) table->by_popularity_ = master_.by_popularity_;
  if (most_wanted_changed_at_ > table->version_) table->most_wanted_ = master_.most_wanted_;
  table->clock_ = master_.clock_;
  table->total_units_ = master_.total_units_;
  table->attribute_units_ = master_.attribute_units_;
  table->group_units_ = master_.group_units_;
  table->value_units_ = master_.value_units_;
  table->value_factors_.resize(master_.value_factors_.size());
  for (size_t value = 0; value < value_changed_at_.size(); ++value)
    if (value_changed_at_[value] > table->version_) table->value_factors_[value] = master_.value_factors_[value];
  if (untouched_changed_at_ > table->version_) {
    table->untouched_ = master_.untouched_;
    table->untouched_values_ = master_.untouched_values_;
  }
  table->blend_ = master_.blend_;
  table->segments_ = master_.segments_;
  table->ranker_ = master_.ranker_;
  table->fit_model_ = master_.fit_model_;
  table->factors_offset_ = master_.factors_offset_;
  table->model_offset_ = master_.model_offset_;
  table->designs_offset_ = master_.designs_offset_;
}

}  // namespace catwalk::models
