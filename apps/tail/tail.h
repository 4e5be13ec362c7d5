#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>
#include <vector>

#include "apps/opened_log.h"
#include "apps/topic_range.h"
#include "base/status.h"
#include "schemas/record.h"
#include "schemas/topics.h"

namespace catwalk::apps {

struct TailOptions {
  std::string topic;
  bool from_beginning = false;
  bool until_end = false;
  bool json = false;
};

/// Prints the records of a topic as they come. One thread.
class Tail {
 public:
  using OpenLog = std::function<Result<std::unique_ptr<OpenedLog>>()>;

  /// `reopen`: the log shows what was there when it was opened, so it is opened again to follow it.
  Tail(TailOptions options, schemas::TopicNames names, OpenLog open, bool reopen, std::ostream& out);

  /// Runs until the ends seen at the start (until_end) or until `stop`.
  Status Run(std::stop_token stop);

 private:
  Status Reopen(const std::stop_token& stop);
  Status ReopenOnce(const streams::Offsets& positions);
  void Print(const std::vector<schemas::Record>& records);

  TailOptions options_;
  schemas::TopicNames names_;
  OpenLog open_;
  bool reopen_;
  std::ostream& out_;
  std::unique_ptr<OpenedLog> log_;
  std::unique_ptr<TopicRange> range_;
  std::string text_;
};

}  // namespace catwalk::apps
