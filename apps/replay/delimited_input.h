#pragma once

#include <memory>
#include <string>

#include "apps/replay/delimited.h"
#include "apps/replay/event_input.h"
#include "apps/replay/field_map.h"
#include "apps/replay/line_reader.h"
#include "apps/replay/row_expander.h"
#include "base/clock.h"
#include "schemas/topics.h"

namespace catwalk::apps {

/// A CSV or TSV file whose columns a map puts into records. `clock` must outlive it.
class DelimitedInput final : public EventInput {
 public:
  /// Reads the header. kInvalidArgument: there is none, or it lacks a column of the map.
  static Result<std::unique_ptr<EventInput>> Open(std::unique_ptr<LineReader> lines, FieldMap map,
                                                  const schemas::TopicNames& names, const std::string& source,
                                                  const Clock& clock);
  Result<bool> Next(InputLine* line) override;
  bool MayBlock() const override { return lines_->MayBlock(); }
  InputProgress Progress() const override;

 private:
  DelimitedInput(std::unique_ptr<LineReader> lines, const Clock& clock);

  std::unique_ptr<LineReader> lines_;
  DelimitedReader rows_;
  std::unique_ptr<RowExpander> expander_;
  const Clock& clock_;
  Row row_;
};

}  // namespace catwalk::apps
