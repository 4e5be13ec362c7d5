#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace catwalk::evaluate {

/// An event as baselines see it: who chose what. Users, designs and segments are dense numbers from 0, in the order they
/// first appear.
struct Choice {
  int32_t user = 0;
  int32_t design = 0;
  int64_t at_ms = 0;
  /// One per attribute of the user's profile that is known ("body_type=petite"); none for a user without a profile.
  std::span<const int32_t> segments = {};
};

/// A simple recommender to be beaten. Learns every event after it was tested on it. One thread.
class Baseline {
 public:
  virtual ~Baseline() = default;
  virtual std::string_view Name() const = 0;
  /// Scores every design that has had an event; the higher the better, in any unit; -infinity: not
  /// to be listed. `scores` is as long as designs there
  /// are. Only user, time and segments of `before` are looked at.
  virtual void Score(const Choice& before, std::span<float> scores) = 0;
  virtual void Learn(const Choice& choice) = 0;
};

/// popularity: how often a design was chosen.
std::unique_ptr<Baseline> MakePopularity();
/// decayed_popularity: the same, each event counting half after 5,000 more.
std::unique_ptr<Baseline> MakeDecayedPopularity();
/// recency: the design chosen last comes first.
std::unique_ptr<Baseline> MakeRecency();
/// item_neighbours: cosine of co-occurrence with the user's designs (Sarwar et al. 2001), shrunken by 30 users; for a user
/// without any, decayed popularity.
std::unique_ptr<Baseline> MakeItemNeighbours();
/// isgd: incremental SGD on positive feedback alone (Vinagre, Jorge, Gama 2014, algorithm 2); nothing for an unknown user.
std::unique_ptr<Baseline> MakeIsgd(uint64_t seed);
/// ials: implicit ALS (Hu, Koren, Volinsky 2008), trained anew whenever the events have doubled, the user folded in
/// from all designs so far; for a user without any, decayed popularity.
std::unique_ptr<Baseline> MakeIals(uint64_t seed);
/// segment_popularity: decayed popularity among those who share a known attribute of the user's profile, the geometric mean
/// over the attributes; without a profile, among everyone.
std::unique_ptr<Baseline> MakeSegmentPopularity();

/// All of them, in this order.
std::vector<std::unique_ptr<Baseline>> MakeBaselines(uint64_t seed);

}  // namespace catwalk::evaluate
