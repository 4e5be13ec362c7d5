#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/interaction.h"
#include "operators/design_options.h"

namespace catwalk::operators {

/// Remembers which designs have changed since they were last published and says which are due. In memory only: what is
/// forgotten by a restart is published once more or a little later, no result depends on it. Holds about 50 bytes for each
/// design touched since the start. One thread.
class DesignPace {
 public:
  explicit DesignPace(const DesignPaceOptions& options) : options_(options) {}

  /// Counts a record of the task.
  void CountRecord() { ++records_; }
  /// The design has changed and has `weight` now. `published` is the weight it was last published with as far as the
  /// caller can tell, 0 for never; used the first time only.
  void Touch(std::string_view design_id, models::DesignKey key, double weight, double published);
  /// The designs to publish now, those waiting longest first; all that wait if `idle`. They wait no longer.
  std::vector<std::string> TakeDue(bool idle);
  /// The design was emitted with this weight.
  void Emitted(std::string_view design_id, models::DesignKey key, double weight);

  /// Everything emitted so far is committed.
  void Committed() { emitted_.clear(); }
  /// What was emitted since Committed was not published: it is due again.
  void OnAbort();

 private:
  struct Progress {
    double published = 0;
    bool waiting = false;
    bool due = false;
  };
  struct Waiting {
    std::string design_id;
    models::DesignKey key = 0;
    int64_t since = 0;  // value of records_
  };

  bool IsDue(const Waiting& waiting, bool idle) const;
  void Wait(std::string_view design_id, models::DesignKey key);

  DesignPaceOptions options_;
  int64_t records_ = 0;
  std::unordered_map<models::DesignKey, Progress> progress_;
  std::vector<Waiting> waiting_;  // by since
  std::vector<Waiting> emitted_;
};

}  // namespace catwalk::operators
