#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/interaction.h"

namespace catwalk::models {

struct DesignSolveOptions {
  int k = 32;
  /// Ridge term towards the prior. > 0.
  float lambda = 1.0F;
  /// Half-life of the statistics in milliseconds of event time. Default: 720 days.
  int64_t half_life_ms = 720LL * 86'400'000;
  /// Half-life of popularity. Default: 14 days (DesignTableOptions has the same).
  int64_t popularity_half_life_ms = 14LL * 86'400'000;
};

/// What a design's factor is solved from: decayed sums over its interactions of weight c and user vector p, as the vector
/// was before the event. Value type, the state of the design task.
struct DesignStatistics {
  int64_t at_ms = 0;              // the sums are decayed to this time; the latest event's
  std::vector<float> a;           // sum c d^age p p', lower triangle, k (k + 1) / 2
  std::vector<float> b;           // sum c d^age p, k
  float popularity = 0;           // sum c d_pop^age, as of at_ms
  double weight = 0;              // sum c
  int64_t updates = 0;
  bool operator==(const DesignStatistics&) const = default;
};

/// Takes an interaction in. `user_vector` has k floats, or none for a user not yet known (counts for popularity only).
/// An event older than at_ms is decayed by its age instead of decaying the sums. Ignores an event whose weight is not in
/// [0, 1e6]; takes one whose vector has not k floats within +-1e3 as that of an unknown user. The same event
/// twice counts twice.
void Update(const DesignSolveOptions& options, int64_t at_ms, float weight, std::span<const float> user_vector,
            DesignStatistics* statistics);

/// (A + lambda I) q = b + lambda q0, with q0 = Prior(design): so a design nobody has a vector for has its prior.
/// Solved in double: the sums of a popular design outgrow lambda by more than a float can tell.
/// Returns k floats within +-64. The sums are floats and drift after a million equal events; if A + lambda I is then not
/// positive definite, or the factor out of bounds, the ridge on its side grows tenfold until both are right, and falls back
/// to the prior if that does not help. `reset` tells whether any of that was needed.
std::vector<float> SolveFactor(const DesignSolveOptions& options, const DesignStatistics& statistics, DesignKey design,
                               bool* reset = nullptr);

/// A vector of k floats drawn from N(0, 1/k), nearly, by a counter-based generator keyed by the design: the same bits everywhere.
/// Factors start different from each other, or every solve would stay at 0.
std::vector<float> Prior(int k, DesignKey design);

}  // namespace catwalk::models
