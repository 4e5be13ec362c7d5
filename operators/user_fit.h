#pragma once

#include "models/design_table.h"
#include "operators/user_state.h"

namespace catwalk::operators {

/// A design's part in how things fit; null if nobody has said anything of it.
const models::FitPart* DesignPart(const models::DesignTable& table, models::DesignKey design);

/// What is known of a user's size and of how things fit them, by the tables at hand: the user's part learns from all that they said, in
/// its order.
models::UserFit UserFitOf(const models::DesignTable& table, const UserState& user);

}  // namespace catwalk::operators
