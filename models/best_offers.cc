#include "models/best_offers.h"

#include "models/columns.h"

namespace catwalk::models {

/// Of those that equal the worst that stays the last ones go.
void BestOffers::DropWorst() {
  scores_.resize(PaddedSize(chosen_.size()), -std::numeric_limits<float>::infinity());
  FindBest(count_, scores_, chosen_.size(), &places_);
  const auto is_worse = [this](int32_t a, int32_t b) { return scores_[static_cast<size_t>(a)] < scores_[static_cast<size_t>(b)]; };
  while (places_.size() > count_) places_.erase(std::prev(std::min_element(places_.rbegin(), places_.rend(), is_worse).base()));
  for (size_t i = 0; i < count_; ++i) chosen_[i] = chosen_[static_cast<size_t>(places_[i])];
  chosen_.resize(count_);
}

}  // namespace catwalk::models
