#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace catwalk::apps {

/// A moment as files have it, in milliseconds since the Unix epoch, UTC: ISO 8601 dates ("2010-11-03") and date-times
/// ("2010-11-03T12:30:05.250+01:00", seconds and fraction optional, a blank for the T, no zone: UTC), or a number: of
/// seconds below 1e11 in size (decimals allowed), else of milliseconds. Nothing if it is none of these.
std::optional<int64_t> ParseTime(std::string_view text);

/// The other way, for people: "2010-11-03 12:30:05.250", UTC.
std::string FormatTime(int64_t time_ms);

}  // namespace catwalk::apps
