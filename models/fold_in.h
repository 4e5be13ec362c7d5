#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/aligned.h"
#include "models/design_table.h"
#include "models/interaction.h"
#include "models/low_rank_update.h"
#include "models/whitening.h"

namespace catwalk::models {

struct FoldInOptions {
  /// Ridge term. > 0.
  float lambda = 0.1F;
  /// Weight of the implicit zeros (S). >= 0.
  float w0 = 0.001F;
  /// Half-life of an interaction's weight in milliseconds of event time; 0: no decay. Default: 720 days.
  int64_t half_life_ms = 720LL * 86'400'000;
};

/// Which factor of a design made its score: its own, or that shrunk by the catalogue (DesignTable::ShrunkFactor).
enum class ScoredBy { kOwnFactor, kShrunkFactor };

/// How unsure a user vector is: taken as the mean of a linear model of unit noise, its covariance is A^-1 (Bayesian linear regression;
/// LinUCB: Li, Chu, Langford, Schapire 2010). A value of its own: it outlives the solve that it is from. Scratch is inside: one thread.
class Uncertainty {
 public:
  /// deviations[i] = sqrt(q' A^-1 q), the standard deviation of the product of the vector and q, for each q of `factors` (`stride` floats
  /// each). What one gets does not depend on the others.
  void Of(std::span<const float> factors, std::span<float> deviations);

 private:
  friend class FoldIn;
  static constexpr size_t kTogether = LowRankUpdate::kTogether;

  /// white_: that of the first kTogether of these, which may be fewer.
  void Whiten(std::span<const float> factors);
  /// products = A^-1 q for as many, side by side: number c of all is in row c.
  void Multiply(std::span<const float> factors, double* products);

  const Whitening& base() const { return prior_ ? *prior_ : own_; }

  std::shared_ptr<const Whitening> prior_;  // the same for all users with a short history while the table is; null: own_ is the base
  Whitening own_;
  LowRankUpdate more_;                      // A is what it adds to the base
  AlignedVector<double> factors_, white_;   // some of them, side by side
};

/// The user vector in closed form (Hu, Koren, Volinsky 2008, with decay):
///   (w0 S + sum_j c_j d^age_j q_j q_j' + lambda I) p = sum_j c_j d^age_j q_j
/// age counts from the interaction to the time of the solve, and is 0 for an interaction later than that. Solved in
/// doubles: one design viewed a hundred times outweighs lambda by more than a float can tell. Scratch is inside: one per task,
/// one thread, no allocation per call once it has grown.
class FoldIn {
 public:
  FoldIn(const FoldInOptions& options, int k);
  ~FoldIn();

  /// `stride` floats (padding 0), valid until the next Solve.
  struct Vector {
    std::span<const float> values;
    bool known = false;  // false: no interaction with a known factor and positive weight, the vector is 0
  };

  /// Solves for the user at `now_ms`. A long history takes one factorisation without its last entry, from which what it adds follows; a
  /// short one none, but once for a table (models/low_rank_update.h). Order of summation is that of `history` (oldest first), so equal input
  /// gives equal bits. Designs without a factor count for nothing. If the matrix is not positive definite after rounding, the ridge grows
  /// tenfold until it is; if that does not help, the vector is 0 and not known.
  Vector Solve(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms);

  /// The same from the history of the last Solve without its last entry. Before TakeUncertainty and LargestShares.
  Vector WithoutLast();

  /// Hands over how unsure the last Solve's vector is, once. For a user who is known by it.
  void TakeUncertainty(Uncertainty* to);

  /// For each of `rows`, the entry of the history with the largest share of that design's score: q_i' A^-1 c_j d^age_j q_j, q_i as the score
  /// was made with it. -1 if none is positive. `of`: how unsure a Solve of this history at this time left the vector;
  /// not read if no entry counts.
  void LargestShares(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms, Uncertainty* of,
                     std::span<const int32_t> rows, ScoredBy factor, std::vector<int>* entries);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
  FoldInOptions options_;
};

}  // namespace catwalk::models
