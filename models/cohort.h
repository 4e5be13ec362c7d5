#pragma once

#include <cstddef>

namespace catwalk::models {

/// How well a user is known, by the interactions there are: none, one to three, more.
inline constexpr int kExperiences = 3;
inline int ExperienceOf(size_t interactions) { return interactions == 0 ? 0 : interactions < 4 ? 1 : 2; }

/// Groups of users whose tastes are alike (models/segments.h).
inline constexpr int kSegments = 8;
inline constexpr int kNoSegment = -1;

/// The users that offsets of the blend's weights are shared by.
struct Cohort {
  int experience = 0;
  int segment = kNoSegment;   // that of a user without a vector
  bool operator==(const Cohort&) const = default;
};

inline bool IsUsable(const Cohort& cohort) {
  return cohort.experience >= 0 && cohort.experience < kExperiences && cohort.segment >= kNoSegment && cohort.segment < kSegments;
}

}  // namespace catwalk::models
