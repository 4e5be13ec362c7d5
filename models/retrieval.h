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
/// The batched product only selects, with a margin for its rounding; survivors are scored again by one fixed-order loop
/// (DotProduct), ties by design id. So a list does not depend on the batch it was computed in, bit for bit.
///
/// The margin: a product of n = stride terms, fused or not and in any order, is within n 2^-24 sum |q_i p_i| (1 + o(1)) of
/// the true one, and the sum is at most |q| |p|; |q|^2 is at most the trace of S. Two products hence differ by at most
/// twice that, and a row is left out only if its batched product is below what `count` others are sure to reach.
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
