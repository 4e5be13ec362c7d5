#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/record.h"
#include "schemas/topics.h"
#include "schemas/violation.h"

namespace catwalk::apps {

/// Makes of one line of text its records. One thread.
class LineParser {
 public:
  virtual ~LineParser() = default;
  /// Appends the records, or says which rule the line breaks. `now_ms` stands for their timestamp.
  virtual std::optional<schemas::Violation> Parse(uint64_t line, std::string_view text, int64_t now_ms,
                                                  std::vector<schemas::OutgoingRecord>* out) = 0;
};

/// JSON lines of the public contract, each with a "topic" member; lines without one go to `default_topic` if there is
/// one. A missing event_id becomes "<source>:<line>".
std::unique_ptr<LineParser> MakeEventLineParser(schemas::TopicNames names, std::optional<schemas::Topic> default_topic,
                                                std::string source);

/// Lines as `catwalk tail dead-letters --json` prints them, as they are or repaired: each goes back to the topic in its
/// "source_topic", with what "value" (JSON) or "value_base64" holds.
std::unique_ptr<LineParser> MakeDeadLetterLineParser(schemas::TopicNames names);

}  // namespace catwalk::apps
