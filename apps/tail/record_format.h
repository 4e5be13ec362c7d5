#pragma once

#include <string>
#include <string_view>

#include "schemas/record.h"
#include "schemas/topics.h"

namespace catwalk::apps {

/// Appends a record as one line of JSON, without the line's end: the message itself where the topic has a type; a dead
/// letter as where it came from, rule, message, key and "value" (or "value_base64" where it does not decode); anything
/// else as key and "value" (text) or "value_base64". Deleted keys are {"key":…,"tombstone":true}. What does not decode as
/// its topic's type has "undecodable" with the reason.
void AppendRecordJson(const schemas::Record& record, const schemas::TopicNames& names, std::string* out);

/// Appends "2010-11-03 12:30:05.250  key  {…}" for people; times UTC.
void AppendRecordText(const schemas::Record& record, const schemas::TopicNames& names, std::string* out);

}  // namespace catwalk::apps
