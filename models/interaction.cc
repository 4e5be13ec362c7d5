#include "models/interaction.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace catwalk::models {
namespace {

/// NaN and what is below 0 count as 0.
float Clean(float magnitude) { return magnitude > 0 ? magnitude : 0.0F; }

/// Half the logarithm of the seconds, at most 2: ten seconds say about as much as a click, a minute as much as a wish;
/// a forgotten tab says no more.
float DwellWeight(float seconds) { return std::min(0.5F * std::log1p(std::min(Clean(seconds), 1e6F)), 2.0F); }

/// 4 r / (r + 5): grows with the rating on any scale (the scale is the sender's) and stays below a purchase.
float FeedbackWeight(float rating) {
  const float r = std::min(Clean(rating), 1e6F);
  return 4.0F * r / (r + 5.0F);
}

constexpr std::string_view kNames[kInteractionKinds] = {"click",  "view",     "dwell",  "wishlist", "cart", "share",
                                                        "try_on", "purchase", "rental", "return",   "wear", "feedback"};

}  // namespace

std::string_view NameOf(InteractionKind kind) {
  const auto at = static_cast<size_t>(kind);
  return at < std::size(kNames) ? kNames[at] : "unknown";
}

std::optional<InteractionKind> KindNamed(std::string_view name) {
  const auto found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<InteractionKind>(found - std::begin(kNames));
}

float InteractionWeight(InteractionKind kind, float magnitude) {
  switch (kind) {
    case InteractionKind::kClick: return 1.0F;      // the unit
    case InteractionKind::kView: return 0.3F;       // it was on the screen; most views mean nothing
    case InteractionKind::kDwell: return DwellWeight(magnitude);
    case InteractionKind::kWishlist: return 2.0F;   // a stated wish, at no cost
    case InteractionKind::kCart: return 3.0F;       // on the way to a purchase; two in three are given up
    case InteractionKind::kShare: return 2.0F;      // stands for it before others
    case InteractionKind::kTryOn: return 2.5F;      // an effort, and it may yet not fit
    case InteractionKind::kPurchase: return 4.0F;   // paid for
    case InteractionKind::kRental: return 4.0F;     // paid for
    case InteractionKind::kReturn: return 0.0F;     // takes no liking back: most returns are for the size
    case InteractionKind::kWear: return 0.5F;       // owned already; worn often, it adds up
    case InteractionKind::kFeedback: return FeedbackWeight(magnitude);
  }
  return 0.0F;  // a kind of a later version
}

bool IsAcquisition(InteractionKind kind) {
  return kind == InteractionKind::kPurchase || kind == InteractionKind::kRental;
}

}  // namespace catwalk::models
