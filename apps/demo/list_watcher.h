#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "schemas/outputs.pb.h"
#include "streams/log.h"

namespace catwalk::apps {

/// Reads recommendations as they come, as a feed would.
class ListWatcher {
 public:
  /// From what is there now on.
  static Result<std::unique_ptr<ListWatcher>> Open(streams::Log& log, const std::string& topic);
  /// Waits up to `max_wait` and hands over the lists that have come.
  Status Poll(std::chrono::milliseconds max_wait, const std::function<void(const schemas::Recommendation&)>& take);

 private:
  std::unique_ptr<streams::LogReader> reader_;
  std::vector<schemas::Record> records_;
};

}  // namespace catwalk::apps
