#include "models/diversify.h"

#include <algorithm>
#include <cmath>

#include "models/retrieval.h"

namespace catwalk::models {
namespace {

float Cosine(const DesignTable& table, int a, int b) {
  const float* const p = table.Factor(a);
  const float* const q = table.Factor(b);
  const float lengths = std::sqrt(DotProduct(p, p, table.stride()) * DotProduct(q, q, table.stride()));
  return lengths > 0 ? std::clamp(DotProduct(p, q, table.stride()) / lengths, 0.0F, 1.0F) : 0.0F;
}

}  // namespace

float Similarity(const DesignTable& table, int a, int b) {
  const auto& values_a = table.Signals(a).values;
  const auto& values_b = table.Signals(b).values;
  int known = 0, equal = 0;
  for (size_t i = 0; i < values_a.size(); ++i) {
    if (values_a[i] == kNoValue || values_b[i] == kNoValue) continue;
    ++known;
    equal += values_a[i] == values_b[i] ? 1 : 0;
  }
  const bool have_factors = table.HasFactor(a) && table.HasFactor(b);
  const float shared = known > 0 ? static_cast<float>(equal) / static_cast<float>(known) : 0.0F;
  if (!have_factors) return shared;
  return known > 0 ? (shared + Cosine(table, a, b)) / 2 : Cosine(table, a, b);
}

std::vector<size_t> Diversify(const DesignTable& table, const std::vector<int32_t>& rows, const std::vector<float>& scores,
                              float diversity, size_t count) {
  std::vector<size_t> taken;
  std::vector<float> closest(rows.size());
  std::vector<bool> is_taken(rows.size());
  const float best = scores.empty() ? 0 : scores.front(), range = scores.empty() ? 0 : best - scores.back();
  const auto worth = [&](size_t i) {
    const float relevance = range > 0 ? 1 - (best - scores[i]) / range : 1.0F;
    return (1 - diversity) * relevance - diversity * closest[i];
  };
  while (taken.size() < std::min(count, rows.size())) {
    size_t next = rows.size();
    for (size_t i = 0; i < rows.size(); ++i)
      if (!is_taken[i] && (next == rows.size() || worth(i) > worth(next))) next = i;
    is_taken[next] = true;
    taken.push_back(next);
    for (size_t i = 0; i < rows.size(); ++i)
      if (!is_taken[i]) closest[i] = std::max(closest[i], Similarity(table, rows[i], rows[next]));
  }
  return taken;
}

}  // namespace catwalk::models
