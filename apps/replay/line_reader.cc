#include "apps/replay/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace catwalk::apps {
namespace {

constexpr size_t kBlockBytes = 256 << 10;
constexpr size_t kCutBytes = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view WithoutReturn(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source, size_t max_line_bytes)
    : source_(std::move(source)), max_line_bytes_(max_line_bytes), buffer_(kBlockBytes + max_line_bytes, '\0') {}

Result<bool> LineReader::Next(Line* line) {
  if (!put_back_.empty()) {
    current_ = std::move(put_back_.back().text);
    *line = {put_back_.back().number, current_, false};
    put_back_.pop_back();
    return true;
  }
  size_t searched = 0;
  while (true) {
    const char* start = buffer_.data() + begin_;
    if (const void* found = std::memchr(start + searched, '\n', end_ - begin_ - searched)) {
      Take(static_cast<size_t>(static_cast<const char*>(found) - start), true, line);
      return true;
    }
    searched = end_ - begin_;
    if (searched > max_line_bytes_) return SkipLongLine(line);
    ASSIGN_OR_RETURN(const bool more, Fill());
    if (more) continue;
    if (begin_ == end_) return false;
    Take(searched, false, line);
    return true;
  }
}

void LineReader::PutBack(const Line& line) { put_back_.push_back({line.number, std::string(line.text)}); }

bool LineReader::MayBlock() const {
  if (!put_back_.empty() || std::memchr(buffer_.data() + begin_, '\n', end_ - begin_)) return false;
  return source_->MayBlock();
}

uint64_t LineReader::consumed_bytes() const {
  if (read_bytes_ == 0) return 0;
  const double given = static_cast<double>(read_bytes_ - (end_ - begin_)) / static_cast<double>(read_bytes_);
  return static_cast<uint64_t>(given * static_cast<double>(source_->consumed_bytes()));
}

Result<bool> LineReader::Fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const size_t room = std::min(kBlockBytes, buffer_.size() - end_);
  ASSIGN_OR_RETURN(const size_t got, source_->Read({buffer_.data() + end_, room}));
  end_ += got;
  read_bytes_ += got;
  return got > 0;
}

void LineReader::Take(size_t size, bool with_newline, Line* line) {
  std::string_view text(buffer_.data() + begin_, size);
  begin_ += size + (with_newline ? 1 : 0);
  if (++lines_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const bool too_long = text.size() > max_line_bytes_;
  *line = {lines_, too_long ? text.substr(0, kCutBytes) : WithoutReturn(text), too_long};
}

Result<bool> LineReader::SkipLongLine(Line* line) {
  cut_.assign(buffer_.data() + begin_, kCutBytes);
  while (true) {
    const char* start = buffer_.data() + begin_;
    const void* found = std::memchr(start, '\n', end_ - begin_);
    begin_ = found ? static_cast<size_t>(static_cast<const char*>(found) - buffer_.data()) + 1 : end_;
    if (found) break;
    ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
  }
  *line = {++lines_, cut_, true};
  return true;
}

}  // namespace catwalk::apps
