#pragma once

#include <cstdint>

namespace catwalk::evaluate {

/// What one recommender made of one tested event.
struct Outcome {
  int32_t user = 0;        // dense, from 0
  int rank = -1;           // place of the chosen design in the list, from 0; -1: it is not there
  float auc = 0.5F;        // share of sampled candidates that score below the chosen design, ties by half
  float novelty = 0;       // mean over the list of -log2 of a design's share of all events so far
  float diversity = 0;     // mean over pairs of the list of 1 - cosine of their factors
  bool warm = false;       // the user had an event before
  bool new_design = false; // the chosen design had no event before
};

}  // namespace catwalk::evaluate
