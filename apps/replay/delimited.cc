#include "apps/replay/delimited.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace catwalk::apps {
namespace {

constexpr size_t kMaxQuotedBytes = 64 << 10;

void SplitPlain(std::string_view text, char delimiter, std::vector<std::string_view>* cells) {
  while (true) {
    const size_t at = text.find(delimiter);
    cells->push_back(text.substr(0, at));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

enum class Quotes { kFine, kUnclosed, kMalformed };

// Unquotes the cell that starts at `*at` with a quote, in place, and moves `*at` past it.
Quotes TakeQuoted(std::string* text, char delimiter, size_t* at, std::vector<std::string_view>* cells) {
  const size_t start = *at + 1;
  size_t read = start, write = start;
  for (; read < text->size(); ++read) {
    if ((*text)[read] == '"') {
      if (read + 1 >= text->size() || (*text)[read + 1] != '"') break;
      ++read;
    }
    (*text)[write++] = (*text)[read];
  }
  if (read >= text->size()) return Quotes::kUnclosed;
  cells->push_back(std::string_view(*text).substr(start, write - start));
  *at = read + 1;
  return *at == text->size() || (*text)[*at] == delimiter ? Quotes::kFine : Quotes::kMalformed;
}

Quotes SplitQuoted(std::string* text, char delimiter, std::vector<std::string_view>* cells) {
  cells->clear();
  for (size_t at = 0;; ++at) {
    if (at < text->size() && (*text)[at] == '"') {
      if (const Quotes quotes = TakeQuoted(text, delimiter, &at, cells); quotes != Quotes::kFine) return quotes;
    } else {
      const size_t end = std::min(text->find(delimiter, at), text->size());
      cells->push_back(std::string_view(*text).substr(at, end - at));
      at = end;
    }
    if (at >= text->size()) return Quotes::kFine;
  }
}

}  // namespace

Status DelimitedReader::Open() {
  Line line;
  do {
    ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
    if (!more) return {Code::kInvalidArgument, "the file is empty; its first line must name the columns"};
  } while (line.text.empty());
  delimiter_ = line.text.find('\t') != std::string_view::npos ? '\t' : ',';
  unquoted_ = line.text;
  std::vector<std::string_view> cells;
  if (SplitQuoted(&unquoted_, delimiter_, &cells) != Quotes::kFine)
    return {Code::kInvalidArgument,
            "the quotes of the header line are not closed; its first line must name the columns"};
  columns_.assign(cells.begin(), cells.end());
  return Status::Ok();
}

Result<bool> DelimitedReader::Next(Row* row) {
  row->cells.clear();
  row->violation.reset();
  Line line;
  do {
    ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
    if (!more) return false;
  } while (line.text.empty());
  row->line = line.number;
  if (line.too_long) {
    row->violation = schemas::Violation{"line_too_long", "over 1 MiB; is the file delimited text?"};
    return true;
  }
  if (line.text.find('"') != std::string_view::npos) return NextQuoted(line, row);
  SplitPlain(line.text, delimiter_, &row->cells);
  CheckWidth(row);
  return true;
}

Result<bool> DelimitedReader::NextQuoted(const Line& first, Row* row) {
  joined_ = first.text;
  std::vector<std::pair<uint64_t, std::string>> taken;
  Quotes quotes = Quotes::kUnclosed;
  bool changed = true;  // a line without quotes closes none, so it need not be tried
  while (true) {
    if (changed) {
      unquoted_ = joined_;
      quotes = SplitQuoted(&unquoted_, delimiter_, &row->cells);
    }
    Line line;
    if (quotes != Quotes::kUnclosed || joined_.size() > kMaxQuotedBytes) break;
    ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
    if (!more) break;
    taken.emplace_back(line.number, line.text);
    joined_.append("\n").append(line.text);
    changed = line.text.find('"') != std::string_view::npos;
  }
  if (quotes == Quotes::kFine) {
    CheckWidth(row);
    return true;
  }
  // A stray quote spoils its own line only: the lines after it are read again.
  for (const auto& [number, text] : taken | std::views::reverse) lines_.PutBack({number, text, false});
  row->cells.clear();
  const std::string why = quotes == Quotes::kUnclosed ? "a quote is not closed" : "text follows a closing quote";
  row->violation = schemas::Violation{"bad_quotes", why + "; double quotes inside a quoted cell"};
  return true;
}

void DelimitedReader::CheckWidth(Row* row) const {
  if (row->cells.size() == columns_.size()) return;
  row->violation = schemas::Violation{"wrong_columns", std::to_string(row->cells.size()) +
                                                           " cells where the header names " +
                                                           std::to_string(columns_.size()) + "; fix or remove the line"};
  row->cells.clear();
}

}  // namespace catwalk::apps
