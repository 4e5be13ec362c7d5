#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "schemas/record.h"

namespace catwalk::apps {

/// What the headers of a record on dead-letters say. The views point into the record; what is missing is empty or 0.
struct DeadLetter {
  std::string_view source_topic;
  int64_t source_partition = 0;
  int64_t source_offset = 0;
  std::string_view rule;
  std::string_view message;
};

DeadLetter ReadDeadLetter(const std::vector<schemas::Header>& headers);

}  // namespace catwalk::apps
