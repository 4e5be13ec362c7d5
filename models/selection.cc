#include "models/selection.h"

#include <Eigen/Core>
#include <bit>
#include <numeric>

#include "models/lanes.h"

namespace catwalk::models {
namespace {

/// Floats compare as these whole numbers do; which is which is the same in both directions.
int32_t Flip(int32_t bits) { return bits ^ (bits >> 31 & 0x7fffffff); }
int64_t RankOf(float number) { return Flip(std::bit_cast<int32_t>(number)); }
float NumberOf(int64_t rank) { return std::bit_cast<float>(Flip(static_cast<int32_t>(rank))); }

size_t CountReaching(float bound, const float* numbers, size_t count) {
  const Float8 least = Broadcast(bound);
  Int8 reaching = NoInts();
  for (size_t i = 0; i < count; i += 8) reaching = AddReaching(Load(numbers + i), least, reaching);
  return static_cast<size_t>(Sum(reaching));
}

}  // namespace

float ReachedBy(size_t fewest, size_t most, const AlignedVector<float>& column, size_t count) {
  const Eigen::Map<const Eigen::ArrayXf, Eigen::Aligned64> numbers(column.data(), static_cast<Eigen::Index>(count));
  int64_t low = RankOf(numbers.minCoeff()), high = RankOf(numbers.maxCoeff()) + 1;  // low is reached by enough, high by too few
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    const size_t reaching = CountReaching(NumberOf(middle), column.data(), count);
    if (fewest <= reaching && reaching <= most) return NumberOf(middle);
    low = reaching > most ? middle : low;
    high = reaching > most ? high : middle;
  }
  return NumberOf(low);
}

void FindBest(size_t wanted, const AlignedVector<float>& column, size_t count, std::vector<int32_t>* places) {
  places->resize(count);
  if (count <= wanted) return std::iota(places->begin(), places->end(), 0);
  const float least = ReachedBy(wanted, wanted, column, count);
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    (*places)[found] = static_cast<int32_t>(i);
    found += column[i] >= least ? 1 : 0;  // no branch: which it would be, nobody can predict
  }
  places->resize(found);
}

}  // namespace catwalk::models
