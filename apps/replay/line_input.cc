#include "apps/replay/line_input.h"

#include <utility>

namespace catwalk::apps {

LineInput::LineInput(std::unique_ptr<LineReader> lines, std::unique_ptr<LineParser> parser, const Clock& clock)
    : lines_(std::move(lines)), parser_(std::move(parser)), clock_(clock) {}

Result<bool> LineInput::Next(InputLine* line) {
  line->records.clear();
  line->violation.reset();
  Line text;
  do {
    ASSIGN_OR_RETURN(const bool more, lines_->Next(&text));
    if (!more) return false;
  } while (text.text.find_first_not_of(" \t") == std::string_view::npos);
  line->number = text.number;
  if (text.too_long) {
    line->violation = schemas::Violation{"line_too_long", "over 1 MiB; split it"};
  } else {
    line->violation = parser_->Parse(text.number, text.text, clock_.NowMs(), &line->records);
  }
  return true;
}

InputProgress LineInput::Progress() const { return {lines_->consumed_bytes(), lines_->total_bytes()}; }

}  // namespace catwalk::apps
