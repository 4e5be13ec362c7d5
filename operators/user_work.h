#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/features.h"
#include "models/fit.h"
#include "models/fold_in.h"
#include "models/interaction.h"
#include "models/retrieval.h"
#include "operators/user_state.h"
#include "schemas/events.pb.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "schemas/topics.h"

namespace catwalk::operators {

/// The size of a design that most likely fits, and how likely. No text: none can be told.
struct GivenSize {
  std::string text;
  float probability = 0;
  bool operator==(const GivenSize&) const = default;
};

/// One record on its way through the user sub-topology; each operator fills in its part. Items are reused from batch to
/// batch, so their vectors keep their memory.
struct UserWork {
  const schemas::Record* record = nullptr;
  bool done = false;

  // Decoded. `message` is a Click, Purchase, Activity, Feedback or Profile, as `topic` says; the views are of it.
  schemas::Topic topic = schemas::Topic::kClicks;
  google::protobuf::Message* message = nullptr;
  std::string_view event_id, user_id, design_id;
  int64_t at_ms = 0;

  // A profile's numbers, standardised.
  std::vector<schemas::StoredProfile::Feature> features;

  // Interpreted: the interaction it adds to the history (weight 0: none), and whether a list is due.
  models::Interaction interaction;
  float weight = 0;
  bool wants_list = false;
  bool added = false;         // the interaction is at the end of the history

  // What it says of sizes: the one that was bought or rented, or what was learned of one that was.
  std::string_view size_taken;
  std::optional<models::FitLesson> fit_lesson;
  models::FitScore fit_before;   // the score as it was judged before, but for the design's part

  // How many events there were in the installation up to this one, as this task judges it; 0: not counted.
  int64_t clock = 0;
  bool teaches = false;       // the blend may learn from it

  // Looked up and computed.
  UserState* user = nullptr;
  std::vector<models::DesignKey> recent;         // distinct designs touched before this event, latest first; for a design update
  std::vector<float> vector_before, vector_after; // stride floats; see models::FoldIn. Before: only if designs are told
  bool known_before = false, known_after = false;
  models::Uncertainty uncertainty;                // of vector_after of a user who is known; where lists explore or give reasons
  std::vector<int32_t> excluded_rows;
  std::vector<models::Scored> list;
  std::vector<models::FeatureVector> list_features;  // per entry of list, if the blend ranked it
  std::vector<std::vector<std::string>> reasons;  // per entry of list; empty: none are given
  std::vector<GivenSize> sizes;                   // per entry of list; empty: none can be told

  void Reset(const schemas::Record& from) {
    record = &from;
    done = false;
    message = nullptr;
    event_id = user_id = design_id = {};
    at_ms = 0;
    features.clear();
    interaction = {};
    weight = 0;
    wants_list = added = false;
    size_taken = {};
    fit_lesson.reset();
    clock = 0;
    teaches = false;
    user = nullptr;
    recent.clear();
    known_before = known_after = false;
    excluded_rows.clear();
    list.clear();
    list_features.clear();
    reasons.clear();
    sizes.clear();
  }

  /// Two events of one user must not be in one batch.
  uint64_t ConflictKey() const { return Hash64(user_id); }
};

}  // namespace catwalk::operators
