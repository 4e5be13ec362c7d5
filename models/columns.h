#pragma once

#include <Eigen/Core>
#include <cstddef>

#include "models/aligned.h"

namespace catwalk::models {

/// Columns are as long as whole vectors of the CPU, so that every number takes the same path through them wherever it stands.
inline size_t PaddedSize(size_t size) {
  constexpr size_t kPadding = 16;
  return (size + kPadding - 1) / kPadding * kPadding;
}

using Numbers = Eigen::Map<Eigen::ArrayXf, Eigen::Aligned64>;

/// A column of a padded size, for arithmetic on all of it.
inline Numbers NumbersOf(AlignedVector<float>& column) { return {column.data(), static_cast<Eigen::Index>(column.size())}; }

}  // namespace catwalk::models
