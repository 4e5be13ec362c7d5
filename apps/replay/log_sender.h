#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "apps/replay/record_sender.h"
#include "base/clock.h"
#include "streams/log.h"

namespace catwalk::apps {

/// Sends records to a log. `log` and `clock` must outlive it.
class LogSender final : public RecordSender {
 public:
  static Result<std::unique_ptr<RecordSender>> Open(streams::Log& log, const Clock& clock, std::stop_token stop);
  Status Send(std::vector<schemas::OutgoingRecord> records) override;
  Status Finish() override;

 private:
  LogSender(std::unique_ptr<streams::LogWriter> writer, const Clock& clock, std::stop_token stop);

  std::unique_ptr<streams::LogWriter> writer_;
  const Clock& clock_;
  std::stop_token stop_;
};

}  // namespace catwalk::apps
