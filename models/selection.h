#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/aligned.h"

/// The best of many numbers by bisection: sorts and partitions go by comparisons of which a CPU foresees hardly more than half. Numbers
/// are the first `count` of a padded column (models/columns.h), none is NaN, and -infinity stands behind them.
namespace catwalk::models {

/// A bound that at least `fewest` of the numbers reach, and at most `most`, unless others equal the worst of these.
/// 1 <= fewest <= most, fewest <= count.
float ReachedBy(size_t fewest, size_t most, const AlignedVector<float>& column, size_t count);

/// `places` gets, ascending, where the best `wanted` are, and those that equal the worst of them; all if there are no more.
void FindBest(size_t wanted, const AlignedVector<float>& column, size_t count, std::vector<int32_t>* places);

}  // namespace catwalk::models
