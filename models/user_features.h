#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "models/aligned.h"
#include "models/design_features.h"
#include "models/design_table.h"
#include "models/features.h"
#include "models/fold_in.h"
#include "models/interaction.h"
#include "models/retrieval.h"

namespace catwalk::models {

/// What ranking knows of a user at one time. The order within each part is part of the result, bit for bit.
struct RankingQuery {
  std::span<const Interaction> history;    // oldest first
  std::span<const uint64_t> groups;        // keys of the profile groups the user belongs to
  std::span<const float> vector;           // stride floats
  bool known = false;                      // false: there is no vector
  std::span<const int32_t> excluded_rows;  // any order, repeats allowed
  int64_t time_ms = 0;                     // designs unreleased or expired at this time are left out
  const UserFit* wearer = nullptr;         // if given, designs that do not come in the user's size are left out
  int32_t only_with = -1;                  // if a row: a list is made only if it would hold that row, else it is empty
  Uncertainty* uncertainty = nullptr;        // of the vector; needed by a ranking that explores, else it does not for this user
};

/// Of each row, the design of the history whose term in the row's neighbourhood (kNeighbourhood or kLongNeighbourhood, see below) is the
/// largest; 0 if there is none.
std::vector<DesignKey> StrongestLinks(const DesignTable& table, const RankingQuery& query, Feature neighbourhood,
                                      std::span<const int32_t> rows);

/// What ties a user to a design by their latest designs alone, and by all.
struct Tie {
  float lately = 0;
  float ever = 0;
};

/// The features of designs for a user. Scratch is inside: one thread, no allocation per call once it has grown.
///
/// Logarithms are natural; c is weight decayed to the table's clock, n all weight ever.
///  - recent demand, per horizon: log(c + 0.2)
///  - neighbourhood: log(1 + 50 sum_j 0.8^position_j w_ij / sqrt((n_i + 10) (n_j + 10))), w_ij the decayed co-visitation with design j,
///    one of the ten of the user's latest (cosine of co-visitation: Sarwar et al. 2001; positions as in session-based neighbours)
///  - long neighbourhood: the same with 0.98^position_j, over the latest hundred, half as many links of those before the latest ten
///  - affinity, per attribute: log((x + s p) / ((m + s) p)), x of the m interactions of the history had the design's value, p is the
///    value's share of all weight, s = 2 (a Dirichlet prior)
///  - profile demand: mean over the user's groups g of log((n_ig + 1) / (n_i N_g / N + 1)), observed to expected (DuMouchel 1999)
///  - segment demand: log((sum_s r_s D_is + 1) / (D_i sum_s r_s share_s + 1)), observed to expected again: r what segments the user belongs
///    to, D the design's demand by segment over kSegmentHorizon and D_i their sum; 0 for a user of none
///  - age, quiet: log(1 + events since the first, since the latest); 0 for a design without any
///  - fold-in: p . q, q shrunk towards what the catalogue makes one expect (DesignTable::ShrunkFactor); 0 for an unknown user
///  - return: 0.8^position if it is among the user's latest ten designs, else 0; seen: 1 if it is anywhere in the history
///  - untouched: 1 if nobody has had to do with it
///  - ranker: RankerTerm of all the others; 0 while it is not in use
class UserFeatures {
 public:
  /// `left_out` stay 0. Who describes the same designs for other users on this thread may share `designs`.
  explicit UserFeatures(std::bitset<kFeatures> left_out = {},
                        std::shared_ptr<DesignFeatures> designs = std::make_shared<DesignFeatures>())
      : left_out_(left_out), designs_(std::move(designs)) {}

  /// Starts on a user; table and query must outlive the calls that follow.
  void Begin(const DesignTable& table, const RankingQuery& query);
  using Column = AlignedVector<float>;

  // How much speaks for rows beside demand and product, as BestOffers reads it; valid until the next call.
  /// The rows that co-visitation links with the user's designs, each once, and how strongly with the latest and with all.
  std::span<const int32_t> linked_rows() const { return linked_rows_; }
  const Column& linked_lately() const { return linked_lately_; }
  const Column& linked_ever() const { return linked_ever_; }
  /// How much the user's segments want each of the rows most wanted over kSegmentHorizon: sum_s r_s D_is.
  const Column& WantedBySegments();
  /// What the affinities of their values are worth of `count` rows of DesignTable::untouched, from `first` on: enough to choose among designs
  /// of which nothing else is known.
  const Column& UntouchedAffinities(size_t first, size_t count);

  /// What the blend weighs this user's features by.
  const FeatureVector& weights() const { return weights_; }

  /// Computes the features of rows; what a row gets does not depend on the others.
  void Describe(std::span<const int32_t> rows);
  /// Of the i-th of those rows.
  FeatureVector At(size_t i) const;
  /// The logits of those rows: weights() times features, summed in the order of the features.
  std::span<const float> Logits();

 private:
  void FindHistory();
  void AddLinks();
  void NormaliseLinks();
  void AddAffinities();
  void CountValues();
  void Forget();
  void DescribeDesigns();
  void DescribeUser(std::span<const int32_t> rows);
  bool belongs_to_a_segment() const { return cohort_.segment != kNoSegment; }
  float LiftOf(size_t attribute, ValueNumber value) const;
  float ProductWith(int32_t row, const DesignFeatures::Shared& design);
  float MeanProduct(ValueNumber value);
  void DescribeAffinity(int attribute);
  void DescribeProfile();
  void DescribeSegment();
  void DescribeByRanker();
  Column& column(int feature) { return columns_[static_cast<size_t>(feature)]; }

  std::bitset<kFeatures> left_out_;
  const DesignTable* table_ = nullptr;
  const RankingQuery* query_ = nullptr;
  Memberships memberships_{};
  Cohort cohort_;
  FeatureVector weights_{};
  std::vector<int32_t> interaction_rows_;           // of the history, latest first
  std::vector<Tie> links_, returns_;                // by row; 0 but for those named below
  std::vector<int32_t> linked_rows_, returned_rows_;  // the latter latest first
  Column linked_lately_, linked_ever_, roots_;      // of linked_rows_
  std::vector<const LinkedRows*> links_of_latest_;
  Column offered_;
  std::vector<float> lifts_;                        // by value: above that of a value not in the history; counts while they are made
  std::array<std::vector<ValueNumber>, kAttributes> values_;  // by attribute: those of the history
  std::array<float, kAttributes> counted_{}, absent_lift_{};  // by attribute: m, and the lift of a value not in the history
  std::vector<float> mean_products_;                // by value: of the vector and its designs' mean factor; NaN: not worked out
  std::vector<ValueNumber> worked_out_;
  std::shared_ptr<DesignFeatures> designs_;
  std::vector<int32_t> places_;                     // in designs_, of the rows described
  std::array<Column, kFeatures> columns_;
  Column logits_;
};

}  // namespace catwalk::models
