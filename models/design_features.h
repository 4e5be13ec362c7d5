#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
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
  /// The mean over the groups g of log((n_ig + 1) / (n_i N_g / N + 1)) for each of these places, into a padded column; groups that nothing
  /// came from are left out, and without any other it stays as it is.
  void MeanGroupLifts(std::span<const uint64_t> groups, std::span<const int32_t> places, AlignedVector<float>* means);
  /// DesignTable::SegmentDemand of the rows most wanted over kSegmentHorizon, in their order.
  std::span<const Memberships> SegmentDemandOfMostWanted();

 private:
  static constexpr int32_t kNowhere = -1;
  struct Group {
    GroupNumber number = 0;
    float share = 0;             // of all weight, > 0
  };

  void Forget();
  void AddShared(std::span<const int32_t> rows);
  void FindGroups(std::span<const uint64_t> groups);
  void AddLogLifts(std::span<const Group> groups, std::span<const int32_t> places, AlignedVector<float>* sums);

  const DesignTable* table_ = nullptr;
  std::shared_ptr<const char> identity_;      // of the version that all this is of
  std::vector<int32_t> place_of_;             // by row
  std::vector<int32_t> rows_;                 // by place
  std::vector<Shared> shared_;                // by place
  std::vector<Memberships> most_wanted_;      // empty: not worked out yet
  std::vector<Group> groups_;                 // of the user at hand
  AlignedVector<float> numbers_, passed_;
};

}  // namespace catwalk::models
