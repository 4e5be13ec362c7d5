#include "operators/interpret.h"

namespace catwalk::operators {
namespace {

using models::Interaction;
using models::InteractionKind;

InteractionKind KindOf(schemas::Click::Action action) {
  switch (action) {
    case schemas::Click::ACTION_VIEW: return InteractionKind::kView;
    case schemas::Click::ACTION_DWELL: return InteractionKind::kDwell;
    case schemas::Click::ACTION_WISHLIST: return InteractionKind::kWishlist;
    case schemas::Click::ACTION_CART: return InteractionKind::kCart;
    case schemas::Click::ACTION_SHARE: return InteractionKind::kShare;
    case schemas::Click::ACTION_TRY_ON: return InteractionKind::kTryOn;
    default: return InteractionKind::kClick;
  }
}

InteractionKind KindOf(schemas::Purchase::Kind kind) {
  switch (kind) {
    case schemas::Purchase::KIND_RENTAL: return InteractionKind::kRental;
    case schemas::Purchase::KIND_RETURN: return InteractionKind::kReturn;
    default: return InteractionKind::kPurchase;
  }
}

template <class Event>
Interaction Start(const Event& event, InteractionKind kind) {
  return {.design = event.design_id().empty() ? 0 : models::KeyOf(event.design_id()), .kind = kind, .magnitude = 0,
          .at_ms = event.occurred_at_ms()};
}

Interaction Read(const schemas::Click& click) {
  Interaction interaction = Start(click, KindOf(click.action()));
  if (interaction.kind == InteractionKind::kDwell) interaction.magnitude = static_cast<float>(click.dwell_ms() / 1000);
  return interaction;
}

Interaction Read(const schemas::Purchase& purchase) { return Start(purchase, KindOf(purchase.kind())); }

Interaction Read(const schemas::Activity& activity) {
  Interaction interaction = Start(activity, InteractionKind::kWear);
  interaction.magnitude = static_cast<float>(activity.duration_s());
  return interaction;
}

/// A fit alone is no liking. A like counts as the best of five, a dislike as nothing.
Interaction Read(const schemas::Feedback& feedback) {
  Interaction interaction = Start(feedback, InteractionKind::kFeedback);
  if (feedback.has_rating()) {
    interaction.magnitude = static_cast<float>(feedback.rating());
  } else if (feedback.has_like()) {
    interaction.magnitude = feedback.like() ? 5.0F : 0.0F;
  }
  return interaction;
}

}  // namespace

Interaction InteractionOf(schemas::Topic topic, const google::protobuf::Message& event) {
  switch (topic) {
    case schemas::Topic::kClicks: return Read(static_cast<const schemas::Click&>(event));
    case schemas::Topic::kPurchases: return Read(static_cast<const schemas::Purchase&>(event));
    case schemas::Topic::kActivity: return Read(static_cast<const schemas::Activity&>(event));
    default: return Read(static_cast<const schemas::Feedback&>(event));
  }
}

std::optional<models::Fit> FitOf(const schemas::Feedback& feedback) {
  switch (feedback.fit()) {
    case schemas::Feedback::FIT_SMALL: return models::Fit::kSmall;
    case schemas::Feedback::FIT_TRUE: return models::Fit::kTrue;
    case schemas::Feedback::FIT_LARGE: return models::Fit::kLarge;
    default: return std::nullopt;
  }
}

}  // namespace catwalk::operators
