#pragma once

#include <vector>

#include "models/design_table.h"

namespace catwalk::models {

/// How alike two designs are, in [0, 1]: the mean of the cosine of their factors (0 if negative) and the share of the catalogue's attributes
/// known of both that are equal; of what is known of the two.
float Similarity(const DesignTable& table, int a, int b);

/// Maximal marginal relevance (Carbonell, Goldstein 1998): `count` of the rows one after the other, each time the one with the largest
/// (1 - diversity) relevance - diversity max similarity to those taken. Relevance is the score between the worst (0) and the best (1) of
/// the rows. Returns places in `scores`, which is best first; ties go to the better score. diversity in [0, 1]; 0 changes nothing.
std::vector<size_t> Diversify(const DesignTable& table, const std::vector<int32_t>& rows, const std::vector<float>& scores,
                              float diversity, size_t count);

}  // namespace catwalk::models
