#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/record.h"
#include "schemas/topics.h"

namespace catwalk::serve {

/// The first event of a body that cannot be taken.
struct BadEvent {
  int64_t line = 0;  // where the event begins, from 1
  std::string rule;
  std::string message;
};

/// One JSON object of a body.
struct EventText {
  int64_t line = 0;
  std::string_view text;  // from '{' to its '}'; up to the end of the line or body if it is none or has no end
};

/// Cuts a body of JSON objects, one a line or pretty-printed, at their ends. Purely lexical.
std::vector<EventText> SplitEvents(std::string_view body);

/// The records of a body for the input topic `name`, whose role is `topic`: keyed by user (designs: by design), the
/// values as they came; or what is wrong with the first bad one. `now_ms` is the time the events arrived.
std::variant<std::vector<schemas::OutgoingRecord>, BadEvent> ReadEvents(schemas::Topic topic, const std::string& name,
                                                                        std::string_view body, int64_t now_ms);

}  // namespace catwalk::serve
