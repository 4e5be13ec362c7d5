#include "apps/replay/progress.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace catwalk::apps {
namespace {

constexpr double kBarSeconds = 0.1;
constexpr double kTextSeconds = 5;
constexpr int kBarWidth = 24;

double Fraction(const ProgressView& view) {
  if (view.input.total == 0) return 0;
  return std::min(1.0, static_cast<double>(view.input.done) / static_cast<double>(view.input.total));
}

std::string Duration(double seconds) {
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h";
}

std::string Rate(const ProgressView& view) {
  if (view.seconds <= 0) return "";
  return WithCommas(static_cast<uint64_t>(static_cast<double>(view.lines) / view.seconds)) + "/s";
}

// Bytes of the file tell best how much time is left; too little read says nothing yet.
std::string TimeLeft(const ProgressView& view) {
  const double fraction = Fraction(view);
  if (fraction < 0.01) return "";
  return Duration(view.seconds / fraction - view.seconds) + " left";
}

std::string Percent(const ProgressView& view) {
  return view.input.total == 0 ? "" : std::to_string(static_cast<int>(Fraction(view) * 100)) + " %";
}

std::string JoinParts(std::initializer_list<std::string> parts, std::string_view between) {
  std::string joined;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!joined.empty()) joined += between;
    joined += part;
  }
  return joined;
}

std::string Describe(const ProgressView& view, std::string_view between) {
  return JoinParts({Percent(view), WithCommas(view.lines) + " lines", Rate(view), TimeLeft(view),
                    view.bad_lines > 0 ? WithCommas(view.bad_lines) + " bad" : ""},
                   between);
}

std::string Bar(double fraction) {
  const int full = static_cast<int>(fraction * kBarWidth);
  std::string bar = "[";
  for (int i = 0; i < kBarWidth; ++i) bar += i < full ? "█" : " ";
  return bar + "]  ";
}

}  // namespace

std::string WithCommas(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string ProgressBar(const ProgressView& view, int columns) {
  const std::string text = Describe(view, "  ");
  const bool room = view.input.total > 0 && columns > kBarWidth + 6 + static_cast<int>(text.size());
  const auto width = static_cast<size_t>(std::max(0, columns - 3));
  return "  " + (room ? Bar(Fraction(view)) + text : text.substr(0, width));
}

std::string ProgressText(const ProgressView& view) { return Describe(view, ", "); }

ProgressPrinter::ProgressPrinter(std::ostream& out, int columns)
    : out_(out), columns_(columns), next_seconds_(columns > 0 ? kBarSeconds : kTextSeconds) {}

void ProgressPrinter::Show(const ProgressView& view) {
  next_seconds_ = view.seconds + (columns_ > 0 ? kBarSeconds : kTextSeconds);
  if (columns_ > 0) {
    out_ << "\r\x1b[K" << ProgressBar(view, columns_) << std::flush;
    drawn_ = true;
  } else {
    out_ << ProgressText(view) << std::endl;
  }
}

void ProgressPrinter::Clear() {
  if (drawn_) out_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace catwalk::apps
