#pragma once

#include <memory>
#include <vector>

#include "apps/replay/event_input.h"
#include "apps/topic_range.h"
#include "base/clock.h"
#include "schemas/topics.h"
#include "streams/log.h"

namespace catwalk::apps {

/// What is on the topic dead-letters, each to go back to the topic it came from. Lines are counted from 1. `log` and
/// `clock` must outlive it.
class DeadLetterInput final : public EventInput {
 public:
  static Result<std::unique_ptr<EventInput>> Open(streams::Log& log, const schemas::TopicNames& names,
                                                  const Clock& clock);
  Result<bool> Next(InputLine* line) override;
  bool MayBlock() const override { return next_ == batch_.size(); }
  InputProgress Progress() const override { return {range_->done(), range_->total()}; }

 private:
  DeadLetterInput(std::unique_ptr<TopicRange> range, const schemas::TopicNames& names, const Clock& clock);
  Result<bool> Fill();

  std::unique_ptr<TopicRange> range_;
  schemas::TopicNames names_;
  const Clock& clock_;
  std::vector<schemas::Record> batch_;
  size_t next_ = 0;
  uint64_t count_ = 0;
};

}  // namespace catwalk::apps
