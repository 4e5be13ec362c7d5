#include "apps/replay/dead_letter_input.h"

#include <chrono>
#include <string>
#include <utility>

#include "apps/dead_letter.h"
#include "apps/replay/contract.h"

namespace catwalk::apps {
namespace {

constexpr std::chrono::milliseconds kPollWait{200};
// Polls that bring nothing though the end is not reached, before we say so: 10 s in all.
constexpr int kEmptyPolls = 50;

}  // namespace

Result<std::unique_ptr<EventInput>> DeadLetterInput::Open(streams::Log& log, const schemas::TopicNames& names,
                                                          const Clock& clock) {
  ASSIGN_OR_RETURN(auto range,
                   TopicRange::Open(log, names.Of(schemas::Topic::kDeadLetters), TopicRange::From::kBeginning));
  return std::unique_ptr<EventInput>(new DeadLetterInput(std::move(range), names, clock));
}

DeadLetterInput::DeadLetterInput(std::unique_ptr<TopicRange> range, const schemas::TopicNames& names,
                                 const Clock& clock)
    : range_(std::move(range)), names_(names), clock_(clock) {}

Result<bool> DeadLetterInput::Fill() {
  next_ = 0;
  batch_.clear();
  for (int empty = 0; batch_.empty(); ++empty) {
    if (range_->AtEnd()) return false;
    if (empty == kEmptyPolls)
      return Status(Code::kTimeout, "the dead letters stop coming before their end; check the broker and try again");
    RETURN_IF_ERROR(range_->Poll(kPollWait, &batch_));
  }
  return true;
}

Result<bool> DeadLetterInput::Next(InputLine* line) {
  line->records.clear();
  line->violation.reset();
  if (next_ == batch_.size()) {
    ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) return false;
  }
  const schemas::Record& record = batch_[next_++];
  line->number = ++count_;
  const DeadLetter letter = ReadDeadLetter(record.headers);
  const schemas::TopicSpec* spec = names_.Find(letter.source_topic);
  if (spec == nullptr || spec->topic > schemas::Topic::kDesigns) {
    line->violation = schemas::Violation{"unknown_topic", "it came from \"" + std::string(letter.source_topic) +
                                                              "\", which is none of the input topics"};
    return true;
  }
  schemas::OutgoingRecord out;
  line->violation = RecordFromBytes(names_, spec->topic, record.value, "", clock_.NowMs(), &out);
  if (!line->violation) line->records.push_back(std::move(out));
  return true;
}

}  // namespace catwalk::apps
