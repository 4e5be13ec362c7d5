#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/interaction.h"

namespace catwalk::models {

/// What the catalogue says of a design, as far as ranking needs it.
struct CatalogueEntry {
  std::string title, category, silhouette, colour, material, designer, collection;
  int64_t released_at_ms = 0;  // 0: has always been there
  int64_t expires_at_ms = 0;   // 0: never
  bool operator==(const CatalogueEntry&) const = default;
};

/// A design's published factor and popularity.
struct FactorEntry {
  std::vector<float> factor;        // k
  float popularity = 0;             // decayed weight as of popularity_at_ms, >= 0
  int64_t popularity_at_ms = 0;
  double weight = 0;
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
  const std::string& IdOf(int row) const { return ids_[static_cast<size_t>(row)]; }
  DesignKey KeyOfRow(int row) const { return keys_[static_cast<size_t>(row)]; }

  /// Row of `stride` floats; all 0 for a design without a factor.
  const float* Factor(int row) const { return factors_.data() + static_cast<size_t>(row) * static_cast<size_t>(stride_); }
  /// size x stride, row by row.
  std::span<const float> factors() const { return factors_; }
  /// S = sum over designs of q q', stride x stride, from fixed-point sums: independent of the order of updates.
  std::span<const double> gram() const { return gram_; }
  /// False for a design that only the catalogue knows.
  bool HasFactor(int row) const { return has_factor_[static_cast<size_t>(row)]; }

  /// log2 of the decayed popularity, moved to a common time so that it compares across designs; -inf without any.
  double LogPopularity(int row) const { return log_popularity_[static_cast<size_t>(row)]; }
  /// Rows by popularity, ties by design id; all rows.
  std::span<const int32_t> by_popularity() const { return by_popularity_; }

  /// Null if the catalogue does not have it.
  const CatalogueEntry* Catalogue(int row) const { return catalogue_[static_cast<size_t>(row)].get(); }
  /// False before its release and from its expiry on.
  bool AvailableAt(int row, int64_t time_ms) const;

  /// The offsets up to which (exclusive) each global topic has been applied.
  int64_t factors_offset() const { return factors_offset_; }
  int64_t model_offset() const { return model_offset_; }
  int64_t designs_offset() const { return designs_offset_; }

 private:
  friend class DesignTableBuilder;
  int k_ = 0, stride_ = 0;
  std::vector<std::string> ids_;
  std::vector<DesignKey> keys_;
  std::vector<float> factors_;
  std::vector<double> gram_;
  std::vector<uint8_t> has_factor_;
  std::vector<double> log_popularity_;
  std::vector<int32_t> by_popularity_;
  std::vector<std::shared_ptr<const CatalogueEntry>> catalogue_;  // shared between versions
  std::vector<int64_t> released_at_ms_, expires_at_ms_;
  std::vector<DesignKey> slots_keys_;   // open addressing, linear probing
  std::vector<int32_t> slots_rows_;
  int64_t factors_offset_ = 0, model_offset_ = 0, designs_offset_ = 0;
};

struct DesignTableOptions {
  int k = 32;
  /// Half-life of popularity in milliseconds. Default: 14 days.
  int64_t popularity_half_life_ms = 14LL * 86'400'000;
};

/// Applies the records of the global tables and makes versions of them. One thread.
class DesignTableBuilder {
 public:
  explicit DesignTableBuilder(const DesignTableOptions& options);

  /// kInvalidArgument, and nothing changed, if the factor has not k finite floats, or another id has the same key.
  Status ApplyFactor(std::string_view design_id, const FactorEntry& entry, int64_t next_offset);
  Status ApplyCatalogue(std::string_view design_id, const CatalogueEntry& entry, int64_t next_offset);
  /// Tombstones. A design that neither table knows any more loses its row (the last row may move there).
  void RemoveFactor(std::string_view design_id, int64_t next_offset);
  void RemoveCatalogue(std::string_view design_id, int64_t next_offset);
  /// Only moves the offset (records that change no table, e.g. of a later version).
  void SkipFactors(int64_t next_offset);
  void SkipModel(int64_t next_offset);

  /// The tables as they are now. Costs a copy of what has changed since the version two before, if nobody pins that one
  /// any more, else a copy of everything.
  std::shared_ptr<const DesignTable> Publish();
};

}  // namespace catwalk::models
