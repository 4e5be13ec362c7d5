#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/design_table.h"

namespace catwalk::models {

struct Scored {
  int32_t row = 0;
  float score = 0;
};

/// One user of a batch.
struct RetrievalQuery {
  std::span<const float> vector;           // stride floats
  std::span<const int32_t> excluded_rows;  // any order, repeats allowed
  int64_t time_ms = 0;                     // designs unreleased or expired at this time are left out
  bool known = false;                      // false: by popularity instead of by product; score is the popularity
};

/// The exact best designs for a batch of users. Scratch is inside: one per task, one thread.
/// A product of narrow vectors (models/narrow.h) only selects: what its bound says may be among the best is scored by
/// one fixed-order loop (DotProduct), ties by design id. So a list does not depend on the batch it was computed in, bit for
/// bit.
class Retrieval {
 public:
  explicit Retrieval(int k);
  ~Retrieval();

  /// `results[i]` gets the at most `count` best of queries[i], best first. Designs without a factor come after all others,
  /// by popularity, with score 0. A vector that is not finite, or longer than 1e15, counts as not known.
  void Run(const DesignTable& table, std::span<const RetrievalQuery> queries, int count,
           std::span<std::vector<Scored>> results);

 private:
  class Scratch;
  std::unique_ptr<Scratch> scratch_;
};

/// sum_i a[i] b[i] over `stride` floats (a multiple of 8), in a fixed order: eight sums of every eighth product by fused
/// multiply-add, then ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)).
float DotProduct(const float* a, const float* b, int stride);

}  // namespace catwalk::models
