#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "apps/replay/byte_source.h"
#include "apps/replay/line_reader.h"

namespace catwalk::apps {

/// A text as a file, given out at most `block` bytes at a time.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text, size_t block = 1 << 20) : text_(std::move(text)), block_(block) {}
  Result<size_t> Read(std::span<char> buffer) override {
    const size_t count = std::min({buffer.size(), block_, text_.size() - at_});
    std::memcpy(buffer.data(), text_.data() + at_, count);
    at_ += count;
    return count;
  }
  uint64_t consumed_bytes() const override { return at_; }
  uint64_t total_bytes() const override { return text_.size(); }
  bool MayBlock() const override { return false; }

 private:
  std::string text_;
  size_t block_;
  size_t at_ = 0;
};

inline std::unique_ptr<LineReader> LinesOf(std::string text, size_t block = 1 << 20,
                                           size_t max_line_bytes = LineReader::kMaxLineBytes) {
  return std::make_unique<LineReader>(std::make_unique<TextSource>(std::move(text), block), max_line_bytes);
}

}  // namespace catwalk::apps
