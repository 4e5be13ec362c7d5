#include "models/segments.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace catwalk::models {
namespace {

constexpr float kShortest = 1e-12F;
constexpr float kLengthTolerance = 1e-3F;

size_t DimensionsOf(const Segments& segments) { return segments.centres.size() / kSegments; }

std::span<float> CentreOf(Segments* segments, size_t segment) {
  const size_t k = DimensionsOf(*segments);
  return std::span(segments->centres).subspan(segment * k, k);
}

float Dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum = std::fma(a[i], b[i], sum);
  return sum;
}

/// False, and nothing changed, if there is no direction.
bool Normalise(std::span<float> vector) {
  const float length = std::sqrt(Dot(vector, vector));
  if (!(length > kShortest) || !std::isfinite(length)) return false;
  for (float& x : vector) x /= length;
  return true;
}

/// Adds up to 1.
template <class Weights>
void MakeShares(Weights* weights) {
  float sum = 0;
  for (const float weight : *weights) sum += weight;
  for (float& weight : *weights) weight /= sum;
}

void Turn(std::span<float> centre, std::span<const float> direction, float step) {
  std::vector<float> turned(centre.begin(), centre.end());
  for (size_t i = 0; i < turned.size(); ++i) turned[i] += step * (direction[i] - turned[i]);
  if (Normalise(turned)) std::copy(turned.begin(), turned.end(), centre.begin());
}

}  // namespace

Segments FirstSegments(int k) {
  Segments first;
  first.centres.resize(static_cast<size_t>(kSegments * k));
  uint64_t draw = 0;
  for (float& x : first.centres) x = static_cast<float>(Mix64(++draw) >> 40) * 0x1p-23F - 1;
  for (size_t s = 0; s < kSegments; ++s) Normalise(CentreOf(&first, s));
  first.shares.fill(1.0F / kSegments);
  return first;
}

Memberships MembershipsOf(const Segments& segments, std::span<const float> vector) {
  Memberships memberships{};
  const size_t k = DimensionsOf(segments);
  if (k == 0 || vector.size() < k) return memberships;
  const auto taste = vector.first(k);
  const float length = std::sqrt(Dot(taste, taste));
  if (!(length > kShortest) || !std::isfinite(length)) return memberships;
  for (size_t s = 0; s < memberships.size(); ++s)
    memberships[s] = kConcentration * Dot(taste, std::span(segments.centres).subspan(s * k, k)) / length;
  const float largest = *std::max_element(memberships.begin(), memberships.end());
  for (float& membership : memberships) membership = std::exp(membership - largest);
  MakeShares(&memberships);
  return memberships;
}

int LikeliestSegment(const Memberships& memberships) {
  const auto largest = std::max_element(memberships.begin(), memberships.end());
  return *largest > 0 ? static_cast<int>(largest - memberships.begin()) : kNoSegment;
}

Cohort CohortOf(const Segments& segments, size_t interactions, std::span<const float> vector) {
  return {ExperienceOf(interactions), LikeliestSegment(MembershipsOf(segments, vector))};
}

void Learn(const SegmentOptions& options, std::span<const float> vector, SegmentState* state) {
  std::vector<float> direction(vector.begin(), vector.end());
  if (direction.empty() || !Normalise(direction)) return;
  if (DimensionsOf(state->segments) != direction.size()) *state = {.segments = FirstSegments(static_cast<int>(direction.size()))};
  const Memberships memberships = MembershipsOf(state->segments, direction);
  for (size_t s = 0; s < kSegments; ++s) {
    state->seen[s] = state->seen[s] * options.fading + memberships[s];
    Turn(CentreOf(&state->segments, s), direction, memberships[s] / std::max(state->seen[s], 1.0F));
  }
  state->segments.shares = state->seen;
  MakeShares(&state->segments.shares);
  ++state->lessons;
}

bool IsUsable(const Segments& segments, int k) {
  if (segments.centres.size() != static_cast<size_t>(kSegments * k)) return false;
  for (size_t s = 0; s < kSegments; ++s) {
    const auto centre = std::span(segments.centres).subspan(s * static_cast<size_t>(k), static_cast<size_t>(k));
    if (!(std::fabs(Dot(centre, centre) - 1) < kLengthTolerance) || !(segments.shares[s] >= 0 && segments.shares[s] <= 1)) return false;
  }
  return true;
}

}  // namespace catwalk::models
