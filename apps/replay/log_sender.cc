#include "apps/replay/log_sender.h"

#include <chrono>
#include <utility>

#include "apps/replay/patience.h"

namespace catwalk::apps {
namespace {

constexpr std::chrono::milliseconds kPatience{60'000};

}  // namespace

Result<std::unique_ptr<RecordSender>> LogSender::Open(streams::Log& log, const Clock& clock, std::stop_token stop) {
  ASSIGN_OR_RETURN(auto writer, log.OpenWriter());
  return std::unique_ptr<RecordSender>(new LogSender(std::move(writer), clock, std::move(stop)));
}

LogSender::LogSender(std::unique_ptr<streams::LogWriter> writer, const Clock& clock, std::stop_token stop)
    : writer_(std::move(writer)), clock_(clock), stop_(std::move(stop)) {}

// Append takes the records even when it refuses them, so each attempt gets a copy.
Status LogSender::Send(std::vector<schemas::OutgoingRecord> records) {
  return RetryWhileBusy([&] { return writer_->Append(records); }, kPatience, stop_, clock_);
}

Status LogSender::Finish() { return writer_->Sync(kPatience); }

}  // namespace catwalk::apps
