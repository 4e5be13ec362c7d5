#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "models/aligned.h"
#include "models/blend.h"
#include "models/design_signals.h"
#include "models/fit.h"
#include "models/interaction.h"
#include "models/link_index.h"
#include "models/most_wanted.h"
#include "models/narrow.h"
#include "models/segments.h"

namespace catwalk::models {

/// What the catalogue says of a design, as far as ranking needs it.
struct CatalogueEntry {
  std::string title, category, silhouette, colour, material, designer, collection;
  std::vector<OfferedSize> sizes;  // those with a place on a scale
  int64_t released_at_ms = 0;  // 0: has always been there
  int64_t expires_at_ms = 0;   // 0: never
  bool operator==(const CatalogueEntry&) const = default;
};

/// Of those that affinities are learned for, by number (models/features.h).
const std::string& AttributeOf(const CatalogueEntry& entry, int attribute);

/// No component of a factor in a table is larger than this either way: sums over the table then fit their fixed point.
inline constexpr float kMaxFactorComponent = 64.0F;
/// Weights beyond this count as this: within what floats can tell, as in the totals.
inline constexpr double kMaxRankedWeight = 1e12;
/// Weight that the expected factor of a design counts as beside its own: one purchase.
inline constexpr float kFactorPrior = 4.0F;

/// A design's published factor, popularity and demand.
struct FactorEntry {
  std::vector<float> factor;        // k
  float popularity = 0;             // decayed weight as of popularity_at_ms, >= 0
  int64_t popularity_at_ms = 0;
  double weight = 0;
  Demand demand = {};
  DesignFit fit = {};
};

/// One version of the global tables: immutable, shared by all who pinned it (hence shared_ptr). Rows are dense; which
/// design has which row differs between processes and is never stored. A function of the records applied and of
/// nothing else: neither their grouping into versions nor the order of designs changes a score.
class DesignTable {
 public:
  int k() const { return k_; }
  int stride() const { return stride_; }    // floats from one row to the next: k rounded up to 8, padding is 0
  int size() const { return static_cast<int>(ids_.size()); }
  int RowOf(DesignKey key) const;           // -1: unknown
  /// RowOf of each of these, but they are looked up at the same time.
  void RowsOf(std::span<const Interaction> history, std::vector<int32_t>* rows) const;
  const std::string& IdOf(int row) const { return ids_[static_cast<size_t>(row)]; }
  DesignKey KeyOfRow(int row) const { return keys_[static_cast<size_t>(row)]; }

  /// Row of `stride` floats; all 0 for a design without a factor. Row 0 is at the start of a cache line.
  const float* Factor(int row) const { return factors_.data() + static_cast<size_t>(row) * static_cast<size_t>(stride_); }
  /// size x stride, row by row.
  std::span<const float> factors() const { return factors_; }
  /// The same for a first look; designs without a factor are cleared.
  const NarrowRows& narrow() const { return narrow_; }
  /// S = sum over designs of q q', stride x stride, from sums in units of 2^-32: independent of the order of updates.
  std::span<const double> gram() const { return gram_; }
  /// False for a design that only the catalogue knows.
  bool HasFactor(int row) const { return has_factor_[static_cast<size_t>(row)]; }
  /// The factor shrunk, by its weight, towards what the catalogue makes one expect: (n q + s m) / (n + s), m the mean, over the design's
  /// attribute values that designs with factors have, of these designs' mean factor, s = kFactorPrior (a shrinkage estimate: Efron,
  /// Morris 1975). Without such a value it is the factor. Writes `stride` floats.
  void ShrunkFactor(int row, float* out) const;
  /// The same as a sum: `own` times the factor and `each_mean` times the MeanFactor of each such value.
  struct Shrinkage {
    float own = 1, each_mean = 0;
  };
  Shrinkage ShrinkageOf(int row) const;
  /// Of the designs that have the value and a factor; null if there is none. `stride` floats.
  const float* MeanFactor(ValueNumber value) const;
  /// The rows without a factor, latest release first, ties by id, those that were always there at the end.
  std::span<const int32_t> untouched() const { return untouched_; }
  /// The value that each of these has of an attribute, in their order.
  std::span<const ValueNumber> untouched_values(int attribute) const { return untouched_values_[static_cast<size_t>(attribute)]; }
  int64_t released_at_ms(int row) const { return sales_[static_cast<size_t>(row)].released_at_ms; }

  /// log2 of the decayed popularity, moved to a common time so that it compares across designs; -inf without any.
  double LogPopularity(int row) const { return log_popularity_[static_cast<size_t>(row)]; }
  /// The popularity decayed (or, for a time before it was taken, grown) to a time; 0 without any, finite always.
  float PopularityAt(int row, int64_t time_ms) const;
  /// All weight the design ever had, as published; 0 without a factor.
  double Weight(int row) const { return weights_[static_cast<size_t>(row)]; }
  /// Rows by popularity, ties by design id; all rows.
  std::span<const int32_t> by_popularity() const { return by_popularity_; }

  /// What the blend reads besides.
  const DesignSignals& Signals(int row) const { return signals_[static_cast<size_t>(row)]; }
  /// The rows most wanted lately, most wanted first; at most MostWanted::kLength.
  std::span<const int32_t> MostWantedRows(int horizon) const { return most_wanted_[static_cast<size_t>(horizon)]; }
  /// Demand::segments, as of the clock of the table.
  Memberships SegmentDemand(int row) const;
  /// The latest reading of the event clock that any design was wanted at.
  int64_t clock() const { return clock_; }
  /// Of all designs: their weight; that of those with any value, or one, of an attribute; that from one profile group. Exact sums of
  /// units of 2^-10.
  double TotalWeight() const { return FromUnits(total_units_); }
  double TotalWeightOfAttribute(int attribute) const { return FromUnits(attribute_units_[static_cast<size_t>(attribute)]); }
  double TotalWeightOfGroup(uint64_t group) const;
  /// The group's number in DesignSignals::groups; of one that nothing ever came from, none that is there.
  GroupNumber NumberOfGroup(uint64_t group) const;
  double TotalWeightOfValue(ValueNumber value) const { return FromUnits(value_units_[static_cast<size_t>(value)]); }
  const BlendWeights& blend() const { return blend_; }
  const Segments& segments() const { return segments_; }
  const RankerWeights& ranker() const { return ranker_; }
  const FitModel& fit_model() const { return fit_model_; }
  /// Null for a design nobody has said anything of.
  const FitPart* FitOf(int row) const {
    const auto& fit = Signals(row).fit;
    return fit == nullptr ? nullptr : &fit->part;
  }
  /// The sizes of the catalogue, or if it has none those the design was bought in.
  std::span<const OfferedSize> SizesOf(int row) const;
  int64_t neighbour_half_life_ms() const { return neighbour_half_life_ms_; }

  /// Null if the catalogue does not have it.
  const CatalogueEntry* Catalogue(int row) const { return catalogue_[static_cast<size_t>(row)].get(); }
  /// False before its release and from its expiry on.
  bool AvailableAt(int row, int64_t time_ms) const {
    const Sale& sale = sales_[static_cast<size_t>(row)];
    return (sale.released_at_ms <= time_ms) & (time_ms < sale.expires_at_ms);
  }
  /// Whether the catalogue says which sizes there are.
  bool HasSizes(int row) const { return sales_[static_cast<size_t>(row)].has_sizes; }

  /// The offsets up to which (exclusive) each global topic has been applied.
  int64_t factors_offset() const { return factors_offset_; }
  int64_t model_offset() const { return model_offset_; }
  int64_t designs_offset() const { return designs_offset_; }

  /// Which version this is: whoever holds it will find it equal in no other.
  const std::shared_ptr<const char>& identity() const { return identity_; }

 private:
  friend class DesignTableBuilder;
  struct GroupUnits {
    uint64_t group;
    int64_t units;
    GroupNumber number;
  };
  const GroupUnits* FindGroup(uint64_t group) const;  // null: nothing ever came from it
  explicit DesignTable(int k) : k_(k), stride_((k + 7) / 8 * 8), narrow_(k) {}
  static constexpr int32_t kFree = -1;
  /// What decides, for each of hundreds of candidates a list, whether it may be in it: close together.
  struct Sale {
    int64_t released_at_ms = std::numeric_limits<int64_t>::min();
    int64_t expires_at_ms = std::numeric_limits<int64_t>::max();
    bool has_sizes = false;
  };
  /// Designs with a factor that have a value, and the mean of these factors.
  struct ValueFactor {
    int64_t designs = 0;
    AlignedVector<float> mean;   // stride
  };
  static double FromUnits(int64_t units) { return static_cast<double>(units) / 1024; }
  size_t FindSlot(DesignKey key) const;  // the key's, or the free one it would take

  int k_, stride_;
  double popularity_per_ms_ = 0;  // 1 / half-life, 0: no decay
  std::vector<std::string> ids_;
  std::vector<DesignKey> keys_;
  AlignedVector<float> factors_;
  NarrowRows narrow_;
  std::vector<double> gram_;
  std::vector<uint8_t> has_factor_;
  std::vector<double> log_popularity_;
  std::vector<double> weights_;
  std::vector<int32_t> by_popularity_;
  std::vector<DesignSignals> signals_;
  std::array<std::vector<int32_t>, kHorizons> most_wanted_;
  int64_t clock_ = 0;
  int64_t total_units_ = 0;
  std::array<int64_t, kAttributes> attribute_units_{};
  std::vector<GroupUnits> group_units_;      // by group
  std::vector<int64_t> value_units_;         // by value
  std::vector<ValueFactor> value_factors_;   // by value
  std::vector<int32_t> untouched_;
  std::array<std::vector<ValueNumber>, kAttributes> untouched_values_;
  BlendWeights blend_ = PriorBlend();
  Segments segments_;
  RankerWeights ranker_;
  FitModel fit_model_;
  int64_t neighbour_half_life_ms_ = 0;
  std::vector<std::shared_ptr<const CatalogueEntry>> catalogue_;  // shared between versions
  std::vector<Sale> sales_;
  /// Rows by key: open addressing, linear probing; a power of two, at most half full. Without the keys, which are in
  /// keys_, it stays in a near cache.
  std::vector<int32_t> slots_;
  int64_t factors_offset_ = 0, model_offset_ = 0, designs_offset_ = 0;
  uint64_t version_ = 0;     // the builder's count
  std::shared_ptr<const char> identity_;
};

struct DesignTableOptions {
  int k = 32;
  /// Half-life of popularity in milliseconds. Default: 14 days.
  int64_t popularity_half_life_ms = 14LL * 86'400'000;
  /// Half-life of a co-visit (NeighbourOptions has the same). Default: 1,500 days.
  int64_t neighbour_half_life_ms = 1500LL * 86'400'000;
};

/// Applies the records of the global tables and makes versions of them. One thread; the versions may be read and dropped
/// on any, also after the builder has gone.
class DesignTableBuilder {
 public:
  explicit DesignTableBuilder(const DesignTableOptions& options);

  /// kInvalidArgument, and nothing changed, if the factor has not k finite floats, popularity or weight is negative or not
  /// finite, or another id has the same key. Components are clamped to +-kMaxFactorComponent.
  Status ApplyFactor(std::string_view design_id, const FactorEntry& entry, int64_t next_offset);
  /// What came before a design (a row of neighbours). An empty row is that of a design without.
  void ApplyNeighbours(std::string_view design_id, std::span<const Neighbour> before, int64_t next_offset);
  /// kInvalidArgument, and nothing changed, if a weight is not finite or what it belongs to is of another size.
  Status ApplyBlend(const BlendWeights& weights, int64_t next_offset);
  Status ApplyRanker(const RankerWeights& weights, int64_t next_offset);
  Status ApplyFitModel(const FitModel& model, int64_t next_offset);
  Status ApplySegments(const Segments& segments, int64_t next_offset);
  /// kInvalidArgument, and nothing changed, if another id has the same key.
  Status ApplyCatalogue(std::string_view design_id, const CatalogueEntry& entry, int64_t next_offset);
  /// Tombstones. A design that neither table knows any more loses its row (the last row moves there). It is no error if
  /// the design is not known.
  void RemoveFactor(std::string_view design_id, int64_t next_offset);
  void RemoveCatalogue(std::string_view design_id, int64_t next_offset);
  /// Only moves the offset (records that change no table, e.g. of a later version).
  void SkipFactors(int64_t next_offset);
  void SkipModel(int64_t next_offset);
  void SkipCatalogue(int64_t next_offset);

  /// The tables as they are now. Costs a copy of what has changed since an earlier version that nobody pins any more, if
  /// there is one, else a copy of everything.
  std::shared_ptr<const DesignTable> Publish();

 private:
  class Pool;
  static constexpr double kUnitsPerOne = 4294967296.0;  // 2^32: of sums of factors and of their products

  Result<int> GetOrAddRow(std::string_view design_id);
  void RemoveRowIfUnknown(int row);
  void RemoveRow(int row);
  void MoveLastRowTo(int row);
  void RemoveSlot(DesignKey key);
  void GrowSlots();
  void AddToGram(int row, int64_t sign);
  void SetDemand(int row, const Demand& demand);
  void SetFit(int row, const DesignFit& fit);
  void AddToTotals(int row, int64_t sign);
  void AddToValueFactor(ValueNumber value, const float* factor, int64_t sign);
  void ReplaceGroups(std::span<const GroupWeight> before, std::span<const GroupWeight> now);
  GroupWeights NumberedGroups(std::span<const GroupWeight> groups) const;
  void SetValues(int row);
  ValueNumber NumberOf(int attribute, const std::string& value);
  std::shared_ptr<const LinkedRows> RowsOf(std::span<const Link> links) const;
  void RefreshLinks();
  void RefreshMostWanted();
  void RefreshValueFactors();
  void RefreshUntouched();
  void ReorderUntouched();
  void SortUntouched();
  void SetFactor(int row, const FactorEntry& entry);
  void SetPopularity(int row, double log_popularity);
  void MarkChanged(int row) { changed_at_[static_cast<size_t>(row)] = next_version_; }
  bool RanksBefore(int32_t a, int32_t b) const;
  void DropFromRanking(int row);
  void Rank();
  void RefreshGram();
  void Resize(size_t rows, DesignTable* table) const;
  void CopyRow(size_t row, DesignTable* table) const;
  void CopyChanges(DesignTable* table) const;

  DesignTable master_;                   // as of the last record; versions are copies
  std::shared_ptr<Pool> pool_;           // shared with the deleters of the versions
  std::vector<std::vector<GroupWeight>> groups_;  // by row: Demand::groups
  LinkIndex links_;
  MostWanted most_wanted_;
  std::map<std::pair<int, std::string>, ValueNumber, std::less<>> values_;  // by attribute and word
  std::vector<int64_t> fixed_gram_;      // lower triangle of k x k, in units of 2^-32
  std::vector<std::vector<int64_t>> value_sums_;   // by value: of factors, k, in units of 2^-32
  std::vector<uint64_t> value_changed_at_;         // by value, as changed_at_
  std::vector<uint64_t> changed_at_;     // by row: the first version that has its latest change
  std::vector<uint8_t> unranked_;        // by row: its place in by_popularity is not settled
  std::vector<int32_t> ranking_scratch_, unranked_rows_;
  uint64_t next_version_ = 1;
  uint64_t slots_changed_at_ = 1, gram_changed_at_ = 1, ranking_changed_at_ = 1, most_wanted_changed_at_ = 1;
  uint64_t untouched_changed_at_ = 1;
  bool untouched_reordered_ = true;      // some may have joined or have new places
};

}  // namespace catwalk::models
