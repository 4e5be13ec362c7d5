#include "apps/demo/screen.h"

#include <algorithm>
#include <cstdint>

namespace catwalk::apps {
namespace {

constexpr const char* kBold = "1";
constexpr const char* kGreen = "32";
constexpr const char* kDim = "2";
constexpr int kBarWidth = 40;

/// Characters, not bytes: every byte but UTF-8 continuations.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string Padded(const std::string& text, size_t width) {
  const size_t have = Width(text);
  return have >= width ? text : text + std::string(width - have, ' ');
}

/// At most so wide, with a sign that something is missing.
std::string Cut(const std::string& text, size_t width) {
  if (Width(text) <= width) return text;
  size_t at = 0;
  for (size_t wide = 0; at < text.size(); ++at)
    if ((text[at] & 0xc0) != 0x80 && ++wide == width) break;
  return text.substr(0, at) + "…";
}

}  // namespace

std::string Screen::Coloured(const char* code, const std::string& text) const {
  return animated_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
}

void Screen::Title(const std::string& text) { out_ << '\n' << Coloured(kBold, text) << '\n' << std::flush; }

void Screen::Line(const std::string& text) { out_ << "  " << text << '\n' << std::flush; }

void Screen::Figure(const std::string& name, const std::string& value) {
  out_ << "  " << Padded(name, 34) << Coloured(kBold, value) << '\n' << std::flush;
}

void Screen::Progress(const std::string& what, int64_t done, int64_t total) {
  const bool full = done >= total;
  if (!animated_) {
    if (full) out_ << "  " << what << ": " << total << '\n' << std::flush;
    return;
  }
  const auto filled = static_cast<int>(kBarWidth * done / std::max<int64_t>(1, total));
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  out_ << "\r  " << Coloured(kGreen, bar) << ' ' << what << ' ' << done << (full ? "\n" : "") << std::flush;
}

void Screen::Comparison(const std::vector<Row>& rows) {
  constexpr size_t kBetween = 19;  // place, gaps and what a row moved
  size_t before = 6, after = 17;
  for (const auto& row : rows) {
    before = std::max(before, Width(row.before));
    after = std::max(after, Width(row.after));
  }
  const size_t beside = kBetween + before + after;
  const size_t left = columns_ == 0 ? SIZE_MAX : std::max(static_cast<size_t>(columns_), beside + 1) - beside;
  out_ << "\n      " << Coloured(kDim, Padded("before", before)) << "   " << Coloured(kDim, Padded("after five clicks", after))
       << "   " << Coloured(kDim, "moved  why") << '\n';
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const std::string place = std::to_string(i + 1);
    const std::string padded = Padded(row.after, after);
    out_ << "  " << std::string(2 - std::min<size_t>(2, place.size()), ' ') << place << "  " << Padded(row.before, before)
         << "   " << (row.is_new ? Coloured(kGreen, padded) : padded) << "   " << Padded(row.moved, 5) << "  "
         << Coloured(kDim, Cut(row.why, left)) << '\n';
  }
  out_ << std::flush;
}

}  // namespace catwalk::apps
