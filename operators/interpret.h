#pragma once

#include <google/protobuf/message.h>

#include <optional>

#include "models/fit.h"
#include "models/interaction.h"
#include "schemas/events.pb.h"
#include "schemas/topics.h"

namespace catwalk::operators {

/// What an event of an input topic (clicks, purchases, activity, feedback) says of its design: kind, magnitude and time. The
/// design is 0 if the event names none.
models::Interaction InteractionOf(schemas::Topic topic, const google::protobuf::Message& event);

/// None if it says nothing of the fit.
std::optional<models::Fit> FitOf(const schemas::Feedback& feedback);

}  // namespace catwalk::operators
