#pragma once

#include <memory>

#include "apps/replay/event_input.h"
#include "apps/replay/line_parser.h"
#include "apps/replay/line_reader.h"
#include "base/clock.h"

namespace catwalk::apps {

/// A file of one JSON object a line; empty lines are skipped. `clock` must outlive it.
class LineInput final : public EventInput {
 public:
  LineInput(std::unique_ptr<LineReader> lines, std::unique_ptr<LineParser> parser, const Clock& clock);
  Result<bool> Next(InputLine* line) override;
  bool MayBlock() const override { return lines_->MayBlock(); }
  InputProgress Progress() const override;

 private:
  std::unique_ptr<LineReader> lines_;
  std::unique_ptr<LineParser> parser_;
  const Clock& clock_;
};

}  // namespace catwalk::apps
