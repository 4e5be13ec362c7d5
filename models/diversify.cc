#include "models/diversify.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/retrieval.h"

namespace catwalk::models {
namespace {

/// What is compared of a design.
struct Look {
  const AttributeValues* values;
  const float* factor;      // null: none
  float square;             // of its length
};

Look LookAt(const DesignTable& table, int row) {
  const float* const factor = table.HasFactor(row) ? table.Factor(row) : nullptr;
  return {&table.Signals(row).values, factor, factor == nullptr ? 0 : DotProduct(factor, factor, table.stride())};
}

float Cosine(const Look& a, const Look& b, int stride) {
  const float lengths = std::sqrt(a.square * b.square);
  return lengths > 0 ? std::clamp(DotProduct(a.factor, b.factor, stride) / lengths, 0.0F, 1.0F) : 0.0F;
}

float SimilarityOf(const Look& a, const Look& b, int stride) {
  int known = 0, equal = 0;
  for (size_t i = 0; i < kAttributes; ++i) {
    const ValueNumber value_a = (*a.values)[i], value_b = (*b.values)[i];
    known += value_a != kNoValue && value_b != kNoValue ? 1 : 0;
    equal += value_a != kNoValue && value_a == value_b ? 1 : 0;
  }
  const float shared = known > 0 ? static_cast<float>(equal) / static_cast<float>(known) : 0.0F;
  if (a.factor == nullptr || b.factor == nullptr) return shared;
  return known > 0 ? (shared + Cosine(a, b, stride)) / 2 : Cosine(a, b, stride);
}

}  // namespace

float Similarity(const DesignTable& table, int a, int b) { return SimilarityOf(LookAt(table, a), LookAt(table, b), table.stride()); }

std::vector<size_t> Diversify(const DesignTable& table, const std::vector<int32_t>& rows, const std::vector<float>& scores,
                              float diversity, size_t count) {
  std::vector<size_t> left(rows.size()), taken;
  std::iota(left.begin(), left.end(), size_t{0});
  std::vector<Look> looks;
  for (const int32_t row : rows) looks.push_back(LookAt(table, row));
  std::vector<float> closest(rows.size());
  const float best = scores.empty() ? 0 : scores.front(), range = scores.empty() ? 0 : best - scores.back();
  const auto worth = [&](size_t i) {
    const float relevance = range > 0 ? 1 - (best - scores[i]) / range : 1.0F;
    return (1 - diversity) * relevance - diversity * closest[i];
  };
  while (taken.size() < count && !left.empty()) {
    const auto next = std::max_element(left.begin(), left.end(), [&](size_t a, size_t b) { return worth(a) < worth(b); });
    taken.push_back(*next);
    left.erase(next);
    for (const size_t i : left) closest[i] = std::max(closest[i], SimilarityOf(looks[i], looks[taken.back()], table.stride()));
  }
  return taken;
}

}  // namespace catwalk::models
