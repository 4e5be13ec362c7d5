#pragma once

#include <string>
#include <string_view>

namespace catwalk::schemas {

/// Why a record must not be processed: the rule it breaks, by its name in the table of rules (rules.h), and one line
/// that names the field and says what to do. The message may quote the record, so it goes where the record may go (dead
/// letters, the answer to its sender) and never into a log.
struct Violation {
  std::string_view rule;  // one of the constants below, so it never dangles
  std::string message;
};

inline constexpr std::string_view kUndecodable = "undecodable";
inline constexpr std::string_view kUnknownEnum = "unknown_enum";
inline constexpr std::string_view kMissingEventId = "missing_event_id";
inline constexpr std::string_view kMissingUserId = "missing_user_id";
inline constexpr std::string_view kMissingDesignId = "missing_design_id";
inline constexpr std::string_view kTimeNotPositive = "time_not_positive";
inline constexpr std::string_view kTimeInFuture = "time_in_future";
inline constexpr std::string_view kStringTooLong = "string_too_long";
inline constexpr std::string_view kNotFinite = "not_finite";
inline constexpr std::string_view kNegativeAmount = "negative_amount";
inline constexpr std::string_view kWrongPartition = "wrong_partition";

}  // namespace catwalk::schemas
