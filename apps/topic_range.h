#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/record.h"
#include "streams/log.h"

namespace catwalk::apps {

/// Reads one topic, from its beginning or from its end, and knows when it has passed the ends seen when it was opened.
/// One thread; `log` must outlive it.
class TopicRange {
 public:
  enum class From { kBeginning, kEnd };

  /// kNotFound if there is no such topic.
  static Result<std::unique_ptr<TopicRange>> Open(streams::Log& log, const std::string& topic, From from);
  /// From the offsets given, where an earlier range stopped.
  static Result<std::unique_ptr<TopicRange>> Resume(streams::Log& log, const std::string& topic,
                                                    const streams::Offsets& positions);

  /// Waits up to `max_wait` and replaces `records` by what there is.
  Status Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* records);
  /// True once everything below the ends seen at the start has been polled.
  bool AtEnd() const;
  streams::Offsets Positions() const;
  /// Records below the ends at the start, and how many of them are behind us.
  uint64_t total() const;
  uint64_t done() const;

 private:
  streams::Offsets begin_;
  streams::Offsets ends_;
  std::unique_ptr<streams::LogReader> reader_;
};

}  // namespace catwalk::apps
