#pragma once

#include <memory>

#include "apps/settings.h"
#include "base/clock.h"
#include "base/status.h"
#include "schemas/topics.h"
#include "state/database.h"
#include "streams/log.h"

namespace catwalk::apps {

/// Opens what the settings name and closes it again.
class OpenedLog {
 public:
  /// kRead goes beside a running process and sees an embedded log as it stood when opened; kWrite needs it for itself
  /// and makes the topics of an embedded log that has none.
  enum class Access { kRead, kWrite };

  /// kUnavailable, kLocked, kNotFound (an embedded log to read that is not there) and what the logs themselves answer.
  /// `clock` must outlive it.
  static Result<std::unique_ptr<OpenedLog>> Open(const Settings& settings, Access access, const Clock& clock);
  streams::Log& log() { return *log_; }

 private:
  static Status OpenEmbedded(const Settings& settings, Access access, const Clock& clock, OpenedLog* opened);

  std::unique_ptr<state::Database> database_;  // null on Kafka
  std::unique_ptr<streams::Log> log_;
};

/// Makes all topics that `log` does not have, as the table of topics says; with `partitions` where none of their kind
/// exists, else with as many as that has.
Status CreateMissingTopics(streams::Log& log, const schemas::TopicNames& names, int partitions);

}  // namespace catwalk::apps
