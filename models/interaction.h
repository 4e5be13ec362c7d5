#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace catwalk::models {

/// The stable name of a design in state: Hash64 of its id (docs/decisions/ says why not the id).
using DesignKey = uint64_t;
inline DesignKey KeyOf(std::string_view design_id) { return Hash64(design_id); }

/// What a user did with a design. The numbers are stored; never renumber. At most 15.
enum class InteractionKind : uint8_t {
  kClick = 0, kView = 1, kDwell = 2, kWishlist = 3, kCart = 4, kShare = 5, kTryOn = 6,
  kPurchase = 7, kRental = 8, kReturn = 9, kWear = 10, kFeedback = 11,
};
inline constexpr int kInteractionKinds = 12;

/// One entry of a user's history: facts only, what they weigh is InteractionWeight's.
struct Interaction {
  DesignKey design = 0;
  InteractionKind kind = InteractionKind::kClick;
  float magnitude = 0;    // dwell: seconds; wear: seconds; feedback: rating; else 0
  int64_t at_ms = 0;
  bool operator==(const Interaction&) const = default;
};

/// "click", "try_on" …: for configuration and output.
std::string_view NameOf(InteractionKind kind);
std::optional<InteractionKind> KindNamed(std::string_view name);

/// c: how much an interaction says of a liking, >= 0; finite for any input. The table with a reason per kind is in the .cc.
float InteractionWeight(InteractionKind kind, float magnitude);

/// True for the kinds after which a design is not recommended again (purchase, rental).
bool IsAcquisition(InteractionKind kind);

}  // namespace catwalk::models
