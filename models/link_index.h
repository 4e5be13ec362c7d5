#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/neighbours.h"

namespace catwalk::models {

/// Two designs that the same users touched, whichever came first.
struct Link {
  DesignKey design = 0;   // the other one
  float weight = 0;       // decayed co-visitation, as of at_ms
  int64_t at_ms = 0;
  bool operator==(const Link&) const = default;
};

/// Reads rows of neighbours both ways: row i says what came before i, so a row that names j says what came after j. One thread.
class LinkIndex {
 public:
  /// `half_life_ms`: of a co-visit, as in NeighbourOptions.
  explicit LinkIndex(int64_t half_life_ms) : half_life_ms_(half_life_ms) {}

  /// Replaces the row of a design; an empty one takes it away.
  void Set(DesignKey design, std::span<const Neighbour> before);
  /// Names the design and all it is linked with among the changed ones.
  void Touch(DesignKey design);
  /// The at most kMaxLinks strongest links of a design in either direction, strongest first, ties by key.
  std::vector<Link> LinksOf(DesignKey design) const;
  /// The designs whose links may have changed since the last call, each once or more often.
  std::vector<DesignKey> TakeChanged() { return std::exchange(changed_, {}); }

  static constexpr size_t kMaxLinks = 64;

 private:
  struct Row {
    std::vector<Neighbour> before;   // what came before this design, by key
    std::vector<Neighbour> after;    // what came after it, by key: the entries that name it
  };

  void PutAfter(DesignKey design, const Neighbour& after);
  void DropAfter(DesignKey design, DesignKey after);

  int64_t half_life_ms_;
  std::unordered_map<DesignKey, Row> rows_;
  std::vector<DesignKey> changed_;
};

}  // namespace catwalk::models
