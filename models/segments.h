#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/cohort.h"

namespace catwalk::models {

/// How much a user belongs to each segment: sums to 1, or all 0 for a user without a vector.
using Memberships = std::array<float, kSegments>;

/// What makes the segments: a direction of taste for each, and the share of the users' events that is its. Value type.
struct Segments {
  std::vector<float> centres;                // kSegments x k, each of length 1; empty: nobody belongs to any
  std::array<float, kSegments> shares{};     // sum to 1
  bool operator==(const Segments&) const = default;
};

/// Where learning starts: directions drawn by a fixed seed, equal shares.
Segments FirstSegments(int k);

/// The softmax of kConcentration times the cosine of `vector` and each centre: what a mixture of von Mises-Fisher distributions of one
/// concentration and equal weights gives (Banerjee, Dhillon, Ghosh, Sra 2005). Reads the first k of `vector`.
Memberships MembershipsOf(const Segments& segments, std::span<const float> vector);
inline constexpr float kConcentration = 15;

/// The one most belonged to, the first of equals; kNoSegment if none.
int LikeliestSegment(const Memberships& memberships);

Cohort CohortOf(const Segments& segments, size_t interactions, std::span<const float> vector);

struct SegmentOptions {
  /// What a user seen so many lessons ago still counts, of one seen now. In (0, 1). Default: 0.998: factors turn, and centres with them.
  float fading = 0.998F;
};

/// What is learned, and what learning remembers. Value type, the state of the model task.
struct SegmentState {
  Segments segments;
  std::array<float, kSegments> seen{};       // memberships so far, faded
  int64_t lessons = 0;
  bool operator==(const SegmentState&) const = default;
};

/// One step of online k-means on the sphere, softly assigned (Banerjee et al. 2005; step sizes by counts as in Sculley 2010): each centre
/// turns towards a user's vector by how much of all it saw that user is. Starts anew if vectors have become longer or shorter. Ignores a
/// vector of length 0, or with a number that is not finite.
void Learn(const SegmentOptions& options, std::span<const float> vector, SegmentState* state);

/// Whether there are whole centres of that k, all of length 1, and shares.
bool IsUsable(const Segments& segments, int k);

}  // namespace catwalk::models
