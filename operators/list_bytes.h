#pragma once

#include <cstdint>
#include <string>

#include "models/design_table.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Appends the list of `work` as a schemas::Recommendation in Protobuf: byte for byte what FillList and the message's own code
/// make, without the message. A list is written for every event, so it counts.
void AppendListBytes(const models::DesignTable& table, const UserWork& work, int64_t generated_at_ms, std::string* out);

}  // namespace catwalk::operators
