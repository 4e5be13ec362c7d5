#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/replay/bad_lines.h"
#include "apps/replay/event_input.h"
#include "models/fit.h"
#include "models/interaction.h"
#include "schemas/events.pb.h"
#include "schemas/record.h"
#include "schemas/topics.h"

namespace catwalk::apps {

/// Gives strings dense numbers from 0, in the order they first come.
class Numbering {
 public:
  int32_t Of(const std::string& name) { return numbers_.try_emplace(name, size()).first->second; }
  int32_t size() const { return static_cast<int32_t>(numbers_.size()); }

 private:
  std::unordered_map<std::string, int32_t> numbers_;
};

/// What a line says of how a design fits.
struct SaidFit {
  std::string user_id, design_id, about_event_id;
  int32_t user = 0, design = 0;       // dense, among those of whom and of which this is said
  models::Fit fit = models::Fit::kTrue;
};

/// One line of an input, decoded as far as an evaluation looks at it.
struct TimelineEntry {
  int64_t at_ms = 0;
  std::vector<schemas::OutgoingRecord> before;  // the profile: enters before the user is asked
  std::vector<schemas::OutgoingRecord> rest;    // the event and what follows from it
  bool is_choice = false;                       // it says something good of a design; else what follows is empty
  std::string user_id, design_id;
  int32_t user = 0, design = 0;                 // dense
  models::InteractionKind kind = models::InteractionKind::kClick;
  std::vector<int32_t> segments;                // dense; as of this line
  std::optional<models::Size> size_taken;
  std::optional<SaidFit> said_fit;              // of the size taken, if the line has both
};

/// All events of an input in order of time, ties in the order of the file.
struct Timeline {
  std::vector<TimelineEntry> entries;
  int64_t choices = 0;
  Numbering users, designs, segments;
  Numbering fit_users, fit_designs;
};

/// Reads an input to its end. Lines that break a rule are reported and left out.
Result<Timeline> ReadTimeline(EventInput& input, const schemas::TopicNames& names, BadLines& bad_lines,
                              const std::stop_token& stop);

}  // namespace catwalk::apps
