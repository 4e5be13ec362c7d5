#include "models/best_offers.h"

#include "models/columns.h"

namespace catwalk::models {

/// Of those that equal the worst that stays the last ones go.
void BestOffers::DropWorst() {
  scores_.resize(PaddedSize(chosen_.size()), -std::numeric_limits<float>::infinity());
  FindBest(count_, scores_, chosen_.size(), &places_);
  const auto score = [this](int32_t place) { return scores_[static_cast<size_t>(place)]; };
  const int32_t worst = *std::ranges::min_element(places_, {}, score);
  size_t surplus = places_.size() - count_;
  for (size_t i = places_.size(); surplus > 0; --i) {
    if (score(places_[i - 1]) > score(worst)) continue;
    places_.erase(places_.begin() + static_cast<ptrdiff_t>(i) - 1);
    --surplus;
  }
  for (size_t i = 0; i < count_; ++i) chosen_[i] = chosen_[static_cast<size_t>(places_[i])];
  chosen_.resize(count_);
}

}  // namespace catwalk::models
