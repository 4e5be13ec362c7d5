#include "apps/replay/delimited_input.h"

#include <utility>

namespace catwalk::apps {

Result<std::unique_ptr<EventInput>> DelimitedInput::Open(std::unique_ptr<LineReader> lines, FieldMap map,
                                                         const schemas::TopicNames& names, const std::string& source,
                                                         const Clock& clock) {
  std::unique_ptr<DelimitedInput> input(new DelimitedInput(std::move(lines), clock));
  RETURN_IF_ERROR(input->rows_.Open());
  RETURN_IF_ERROR(map.Bind(input->rows_.columns()));
  input->expander_ = std::make_unique<RowExpander>(std::move(map), names, source);
  return std::unique_ptr<EventInput>(std::move(input));
}

DelimitedInput::DelimitedInput(std::unique_ptr<LineReader> lines, const Clock& clock)
    : lines_(std::move(lines)), rows_(*lines_), clock_(clock) {}

Result<bool> DelimitedInput::Next(InputLine* line) {
  line->records.clear();
  ASSIGN_OR_RETURN(const bool more, rows_.Next(&row_));
  if (!more) return false;
  line->number = row_.line;
  line->violation = std::move(row_.violation);
  if (!line->violation) line->violation = expander_->Expand(row_.line, row_.cells, clock_.NowMs(), &line->records);
  return true;
}

InputProgress DelimitedInput::Progress() const {
  return {lines_->consumed_bytes(), lines_->total_bytes()};
}

}  // namespace catwalk::apps
