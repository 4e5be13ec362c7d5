#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace catwalk::schemas {

/// Glances into a record's value without decoding it: to put records in order before they are worked on. None of these
/// allocates or reads outside the value; any thread. They take the first field of that number there is (Decode takes
/// the last; writers write one), and what they find says nothing on the rest, which may be garbage.

/// occurred_at_ms, from any encoding. `field` is its number: 4 in every event, 2 in a DesignUpdate. None if it is
/// absent or the bytes before it are garbage.
std::optional<int64_t> PeekEventTime(std::string_view value, uint32_t field = 4);

/// A varint field (int32, int64, an enumeration), from Protobuf with or without Confluent's frame. None as above.
std::optional<int64_t> PeekInt64(std::string_view value, uint32_t field);

/// A string field, likewise; `*found` points into `value` and need not be UTF-8. False as above.
bool PeekString(std::string_view value, uint32_t field, std::string_view* found);

}  // namespace catwalk::schemas
