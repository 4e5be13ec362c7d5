#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/aligned.h"
#include "models/demand.h"
#include "models/design_table.h"

namespace catwalk::models {

/// What a design is whoever looks at it: its own features, how its factor is shrunk, how much segments and profile groups want it.
/// Worked out once per version of the tables, for hundreds of lists look at the same designs. Formulas: models/user_features.h. One
/// thread, no allocation per call once it has grown.
class DesignFeatures {
 public:
  struct Shared {
    std::array<float, kHorizons> demand;
    float age, quiet, untouched;
    DesignTable::Shrinkage shrinkage;
    AttributeValues values;
    float weight;                      // DesignTable::Weight, at most kMaxRankedWeight
    GroupLookup groups;
    Memberships segments;              // Demand::segments, as of the table's clock
  };

  /// Goes on with what is known if this is the version of the last call. `table` must outlive the calls that follow.
  void Begin(const DesignTable& table);
  /// Where each of these rows is found below. What a row gets does not depend on the others.
  void Find(std::span<const int32_t> rows, std::vector<int32_t>* places);
  const Shared& At(int32_t place) const { return shared_[static_cast<size_t>(place)]; }
  /// Adds log((n_ig + 1) / (n_i N_g / N + 1)) of each of these places and groups to the place's sum. Returns of how many groups: those that
  /// nothing came from count for nothing.
  int AddGroupLifts(std::span<const uint64_t> groups, std::span<const int32_t> places, std::span<float> sums);
  /// DesignTable::SegmentDemand of the rows most wanted over kSegmentHorizon, in their order.
  std::span<const Memberships> SegmentDemandOfMostWanted();

 private:
  static constexpr int32_t kNowhere = -1;
  struct GroupColumn {
    float share = 0;             // of all weight
    GroupNumber number = 0;
    std::vector<float> lifts;    // by place; NaN: not worked out yet
  };
  /// A lift that is not worked out yet.
  struct Missing {
    const GroupColumn* column;
    float* lift;
    int32_t place;
  };

  void Forget();
  void AddShared(std::span<const int32_t> rows);
  size_t ColumnOf(uint64_t group);
  void FindMissing(std::span<const int32_t> places);
  void WorkOutMissing();

  const DesignTable* table_ = nullptr;
  std::shared_ptr<const char> identity_;      // of the version that all this is of
  std::vector<int32_t> place_of_;             // by row
  std::vector<int32_t> rows_;                 // by place
  std::vector<Shared> shared_;                // by place
  std::unordered_map<uint64_t, size_t> column_of_;  // by group
  std::vector<GroupColumn> columns_;          // those past column_of_ are spare
  std::vector<Memberships> most_wanted_;      // empty: not worked out yet
  std::vector<size_t> asked_;                 // which columns
  std::vector<Missing> missing_;
  AlignedVector<float> numbers_, passed_;
};

}  // namespace catwalk::models
