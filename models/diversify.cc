#include "models/diversify.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/aligned.h"
#include "models/columns.h"
#include "models/lanes.h"
#include "models/retrieval.h"

namespace catwalk::models {
namespace {

/// What is compared of some designs, by number: the designs stand next to each other, so that one is compared with all at once.
class Looks {
 public:
  Looks(const DesignTable& table, std::span<const int32_t> rows);
  /// Writes how alike each is to one of them.
  void CompareWith(size_t one, AlignedVector<float>* similarities);

 private:
  void CompareFactors(size_t one);
  void CompareValues(size_t one);

  size_t size_;                                  // of a column
  size_t stride_;
  AlignedVector<float> directions_;              // stride x size: the factors, of length 1; 0 for a design without
  AlignedVector<ValueNumber> values_;            // kAttributes x size
  AlignedVector<float> has_factor_;              // 1 or 0
  AlignedVector<float> cosines_, known_, equal_;  // with the one that is compared
};

Looks::Looks(const DesignTable& table, std::span<const int32_t> rows)
    : size_(PaddedSize(rows.size())), stride_(static_cast<size_t>(table.stride())), directions_(stride_ * size_), values_(kAttributes * size_, kNoValue),
      has_factor_(size_), cosines_(size_), known_(size_), equal_(size_) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto& values = table.Signals(rows[i]).values;
    for (size_t a = 0; a < values.size(); ++a) values_[a * size_ + i] = values[a];
    const float* const factor = table.Factor(rows[i]);
    const float length = std::sqrt(DotProduct(factor, factor, table.stride()));
    const float scale = length > 0 ? 1 / length : 0;
    has_factor_[i] = table.HasFactor(rows[i]) ? 1.0F : 0.0F;
    for (size_t c = 0; c < stride_; ++c) directions_[c * size_ + i] = scale * factor[c];
  }
}

void Looks::CompareFactors(size_t one) {
  for (size_t i = 0; i < size_; i += 16) {
    Float8 left = Broadcast(0.0F), right = Broadcast(0.0F);
    for (const float* of = directions_.data(); of != directions_.data() + directions_.size(); of += size_) {
      left = MultiplyAdd(Broadcast(of[one]), Load(of + i), left);
      right = MultiplyAdd(Broadcast(of[one]), Load(of + i + 8), right);
    }
    Store(&cosines_[i], left);
    Store(&cosines_[i + 8], right);
  }
}

void Looks::CompareValues(size_t one) {
  std::ranges::fill(known_, 0.0F);
  std::ranges::fill(equal_, 0.0F);
  for (size_t a = 0; a < kAttributes; ++a) {
    const ValueNumber* const values = &values_[a * size_];
    if (values[one] == kNoValue) continue;
    for (size_t i = 0; i < size_; ++i) {
      known_[i] += values[i] != kNoValue ? 1.0F : 0.0F;
      equal_[i] += values[i] == values[one] ? 1.0F : 0.0F;
    }
  }
}

void Looks::CompareWith(size_t one, AlignedVector<float>* similarities) {
  CompareFactors(one);
  CompareValues(one);
  similarities->resize(size_);
  for (size_t i = 0; i < size_; ++i) {
    const float cosine = std::clamp(cosines_[i], 0.0F, 1.0F), share = equal_[i] / std::max(known_[i], 1.0F);
    const float terms = (known_[i] > 0 ? 1.0F : 0.0F) + has_factor_[one] * has_factor_[i];
    (*similarities)[i] = (share + has_factor_[one] * has_factor_[i] * cosine) / std::max(terms, 1.0F);
  }
}

}  // namespace

float Similarity(const DesignTable& table, int a, int b) {
  const int32_t rows[] = {a, b};
  AlignedVector<float> similarities;
  Looks(table, rows).CompareWith(0, &similarities);
  return similarities[1];
}

std::vector<size_t> Diversify(const DesignTable& table, const std::vector<int32_t>& rows, const std::vector<float>& scores,
                              float diversity, size_t count) {
  std::vector<size_t> left(rows.size()), taken;
  std::iota(left.begin(), left.end(), size_t{0});
  Looks looks(table, rows);
  AlignedVector<float> closest(PaddedSize(rows.size())), similarities;
  const float best = scores.empty() ? 0 : scores.front(), range = scores.empty() ? 0 : best - scores.back();
  std::vector<float> relevance(scores.size(), 1.0F);
  for (size_t i = 0; i < scores.size() && range > 0; ++i) relevance[i] = 1 - (best - scores[i]) / range;
  const auto worth = [&](size_t i) { return (1 - diversity) * relevance[i] - diversity * closest[i]; };
  while (taken.size() < count && !left.empty()) {
    const auto next = std::max_element(left.begin(), left.end(), [&](size_t a, size_t b) { return worth(a) < worth(b); });
    taken.push_back(*next);
    left.erase(next);
    looks.CompareWith(taken.back(), &similarities);
    for (size_t i = 0; i < closest.size(); ++i) closest[i] = std::max(closest[i], similarities[i]);
  }
  return taken;
}

}  // namespace catwalk::models
