#pragma once

#include <cstdint>
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
class Retrieval {
 public:
  explicit Retrieval(int k);

  /// `results[i]` gets the at most `count` best of queries[i], best first.
  void Run(const DesignTable& table, std::span<const RetrievalQuery> queries, int count,
           std::span<std::vector<Scored>> results);

 private:
  int k_;
  // scratch …
};

/// sum_i a[i] b[i] in a fixed order over `stride` floats (a multiple of 8).
float DotProduct(const float* a, const float* b, int stride);

}  // namespace catwalk::models
