#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/replay/line_reader.h"
#include "base/status.h"
#include "schemas/violation.h"

namespace catwalk::apps {

/// One row. The cells are valid until the next call of DelimitedReader::Next.
struct Row {
  uint64_t line = 0;  // the first line it stands on
  std::vector<std::string_view> cells;
  std::optional<schemas::Violation> violation;  // then there are no cells
};

/// Splits a CSV or TSV file with a header into rows. Tab if the header has one, else comma. Cells may be quoted as in
/// RFC 4180, also over several lines (up to 64 KiB); empty lines are skipped. One thread; `lines` must outlive it.
class DelimitedReader {
 public:
  explicit DelimitedReader(LineReader& lines) : lines_(lines) {}

  /// Reads the header. kInvalidArgument if there is none.
  Status Open();
  const std::vector<std::string>& columns() const { return columns_; }
  /// False at the end. A row that does not fit the header or whose quotes are wrong has a violation instead of cells.
  Result<bool> Next(Row* row);

 private:
  Result<bool> NextQuoted(const Line& first, Row* row);
  void CheckWidth(Row* row) const;

  LineReader& lines_;
  char delimiter_ = ',';
  std::vector<std::string> columns_;
  std::string joined_;   // the lines of a quoted row as they are
  std::string unquoted_; // the same, where cells are unquoted in place
};

}  // namespace catwalk::apps
