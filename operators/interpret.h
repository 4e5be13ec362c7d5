#pragma once

#include <google/protobuf/message.h>

#include "models/interaction.h"
#include "schemas/topics.h"

namespace catwalk::operators {

/// What an event of an input topic (clicks, purchases, activity, feedback) says of its design: kind, magnitude and time. The
/// design is 0 if the event names none.
models::Interaction InteractionOf(schemas::Topic topic, const google::protobuf::Message& event);

}  // namespace catwalk::operators
