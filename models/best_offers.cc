#include "models/best_offers.h"

#include <algorithm>
#include <functional>

namespace catwalk::models {

float BestOffers::DropWorst() {
  const auto last = keys_.begin() + static_cast<ptrdiff_t>(count_) - 1;
  std::nth_element(keys_.begin(), last, keys_.end(), std::greater<>());
  keys_.resize(count_);
  return ScoreIn(keys_.back());
}

}  // namespace catwalk::models
