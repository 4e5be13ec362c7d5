#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schemas/topics.h"
#include "schemas/violation.h"

namespace google::protobuf {
class Message;
}

namespace catwalk::schemas {

class Activity;
class Click;
class Design;
class Feedback;
class Profile;
class Purchase;

/// The validation policy of the public contract. Everything here is pure; any thread.

inline constexpr size_t kMaxIdBytes = 256;
inline constexpr size_t kMaxStringBytes = 4096;  // of any other string, and of the keys and values of attributes
inline constexpr size_t kMaxAttributes = 64;     // pairs
/// How far an event's time may lie ahead of its record's timestamp.
inline constexpr int64_t kMaxAheadMs = 24LL * 60 * 60 * 1000;

/// A row of the table of rules: docs show it, metrics count by its names.
struct RuleSpec {
  std::string_view name;
  std::string_view sentence;
};

/// All rules there are. Decode and Check apply them but for kWrongPartition, which takes the record's partition.
inline constexpr std::array<RuleSpec, 11> kRules = {{
    {kUndecodable, "The value is not the topic's message as Protobuf, Confluent-framed Protobuf or JSON."},
    {kUnknownEnum, "An enumeration has a word or number that is not declared."},
    {kMissingEventId, "The event has no event_id, so a repeated one could not be told from a new one."},
    {kMissingUserId, "The event has no user_id."},
    {kMissingDesignId, "The event has no design_id (activity and profiles need none)."},
    {kTimeNotPositive, "occurred_at_ms is absent, 0 or negative."},
    {kTimeInFuture, "occurred_at_ms is more than 24 h after the record's Kafka timestamp."},
    {kStringTooLong, "An id has more than 256 bytes, another string more than 4096, or attributes over 64 entries."},
    {kNotFinite, "A number is NaN or infinite."},
    {kNegativeAmount, "An amount, measure, price or position is negative."},
    {kWrongPartition, "The record's user_id does not hash to its partition (murmur2, as Java clients do)."},
}};

/// The first rule that a message breaks, if any. `record_timestamp_ms` is the Kafka timestamp of its record (without
/// Kafka the time it arrived); negative: the record has none, and "in the future" cannot be told.
std::optional<Violation> Check(const Click& click, int64_t record_timestamp_ms);
std::optional<Violation> Check(const Purchase& purchase, int64_t record_timestamp_ms);
std::optional<Violation> Check(const Activity& activity, int64_t record_timestamp_ms);
std::optional<Violation> Check(const Feedback& feedback, int64_t record_timestamp_ms);
std::optional<Violation> Check(const Profile& profile, int64_t record_timestamp_ms);
/// Of the ids a design needs only its own.
std::optional<Violation> Check(const Design& design, int64_t record_timestamp_ms);

/// Decodes a value of an input topic in any encoding and checks it. kUndecodable for a topic that is not an input.
std::optional<Violation> CheckValue(Topic topic, std::string_view bytes, int64_t record_timestamp_ms);

}  // namespace catwalk::schemas
