#include "apps/tail/tail.h"

#include <chrono>
#include <utility>

#include "apps/replay/patience.h"
#include "apps/tail/record_format.h"

namespace catwalk::apps {
namespace {

constexpr std::chrono::milliseconds kPollWait{200};
// A folder that its owner writes to can look torn for a moment; this often in a row it is no accident.
constexpr int kReopenAttempts = 25;

}  // namespace

Tail::Tail(TailOptions options, schemas::TopicNames names, OpenLog open, bool reopen, std::ostream& out)
    : options_(std::move(options)), names_(std::move(names)), open_(std::move(open)), reopen_(reopen), out_(out) {
  if (const schemas::TopicSpec* spec = names_.Find(options_.topic)) options_.topic = names_.Of(spec->topic);
}

Status Tail::Run(std::stop_token stop) {
  using From = TopicRange::From;
  ASSIGN_OR_RETURN(log_, open_());
  const From from = options_.from_beginning ? From::kBeginning : From::kEnd;
  ASSIGN_OR_RETURN(range_, TopicRange::Open(log_->log(), options_.topic, from));
  std::vector<schemas::Record> records;
  while (!stop.stop_requested()) {
    const bool at_end = range_->AtEnd();
    if (at_end && options_.until_end) return Status::Ok();
    if (at_end && reopen_) {
      WaitFor(kPollWait, stop);
      RETURN_IF_ERROR(Reopen(stop));
    }
    RETURN_IF_ERROR(range_->Poll(reopen_ && range_->AtEnd() ? std::chrono::milliseconds(0) : kPollWait, &records));
    Print(records);
  }
  return Status::Ok();
}

Status Tail::Reopen(const std::stop_token& stop) {
  const streams::Offsets positions = range_->Positions();
  Status status;
  for (int attempt = 0; attempt < kReopenAttempts && !stop.stop_requested(); ++attempt) {
    status = ReopenOnce(positions);
    if (status.ok()) return status;
    WaitFor(kPollWait, stop);
  }
  return status.ok() ? ReopenOnce(positions) : status;
}

Status Tail::ReopenOnce(const streams::Offsets& positions) {
  range_.reset();
  log_.reset();
  ASSIGN_OR_RETURN(log_, open_());
  ASSIGN_OR_RETURN(range_, TopicRange::Resume(log_->log(), options_.topic, positions));
  return Status::Ok();
}

void Tail::Print(const std::vector<schemas::Record>& records) {
  text_.clear();
  for (const schemas::Record& record : records) {
    if (options_.json) {
      AppendRecordJson(record, names_, &text_);
    } else {
      AppendRecordText(record, names_, &text_);
    }
    text_ += '\n';
  }
  if (!text_.empty()) out_ << text_ << std::flush;
}

}  // namespace catwalk::apps
