#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "apps/replay/byte_source.h"
#include "base/status.h"

namespace catwalk::apps {

/// A line without its end ("\n" or "\r\n"). The view is valid until the next call of LineReader::Next.
struct Line {
  uint64_t number = 0;    // the first is 1
  std::string_view text;
  bool too_long = false;  // longer than the limit: the text is cut off
};

/// Splits a source into lines; a byte order mark before the first is dropped. One thread.
class LineReader {
 public:
  static constexpr size_t kMaxLineBytes = 1 << 20;

  explicit LineReader(std::unique_ptr<ByteSource> source, size_t max_line_bytes = kMaxLineBytes);

  /// False at the end.
  Result<bool> Next(Line* line);
  /// Makes Next give this line again, before any other; of several put back, the last one first.
  void PutBack(const Line& line);
  /// True if Next would have to wait for more to be written to a pipe.
  bool MayBlock() const;
  /// How much of the file belongs to the lines given so far (of a packed file about), and its size; see ByteSource.
  uint64_t consumed_bytes() const;
  uint64_t total_bytes() const { return source_->total_bytes(); }

 private:
  struct Owned {
    uint64_t number;
    std::string text;
  };
  Result<bool> Fill();
  void Take(size_t size, bool with_newline, Line* line);
  Result<bool> SkipLongLine(Line* line);

  std::unique_ptr<ByteSource> source_;
  size_t max_line_bytes_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t lines_ = 0;
  uint64_t read_bytes_ = 0;  // unpacked
  std::deque<Owned> put_back_;
  std::string current_;  // what the line given last points to, when it was put back before
  std::string cut_;
};

}  // namespace catwalk::apps
