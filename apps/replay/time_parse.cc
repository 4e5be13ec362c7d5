#include "apps/replay/time_parse.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace catwalk::apps {
namespace {

// 1e11 s is the year 5138 and 1e11 ms is March 1973, so real data never meets the border.
constexpr double kSecondsBelow = 1e11;
constexpr double kLargestMs = 9e15;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads the text from the left, piece by piece; a piece that does not fit leaves the cursor where it was.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool Skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Digits(size_t count, int* value) {
    if (rest_.size() < count) return false;
    int sum = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!IsDigit(rest_[i])) return false;
      sum = sum * 10 + (rest_[i] - '0');
    }
    *value = sum;
    rest_.remove_prefix(count);
    return true;
  }

  // Digits after the point, as milliseconds; what is finer is cut off.
  bool Fraction(int* ms) {
    *ms = 0;
    int scale = 100;
    bool any = false;
    while (!rest_.empty() && IsDigit(rest_.front())) {
      *ms += (rest_.front() - '0') * scale;
      scale /= 10;
      rest_.remove_prefix(1);
      any = true;
    }
    return any;
  }

 private:
  std::string_view rest_;
};

std::optional<int64_t> ParseDate(Cursor* in) {
  int year = 0, month = 0, day = 0;
  if (!in->Digits(4, &year) || !in->Skip("-") || !in->Digits(2, &month) || !in->Skip("-") || !in->Digits(2, &day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch() / std::chrono::milliseconds(1);
}

std::optional<int64_t> ParseTimeOfDay(Cursor* in) {
  int hour = 0, minute = 0, second = 0, ms = 0;
  if (!in->Digits(2, &hour) || !in->Skip(":") || !in->Digits(2, &minute)) return std::nullopt;
  if (in->Skip(":") && !in->Digits(2, &second)) return std::nullopt;
  if (in->Skip(".,") && !in->Fraction(&ms)) return std::nullopt;
  if (hour > 24 || minute > 59 || second > 60) return std::nullopt;
  return ((hour * 60LL + minute) * 60 + second) * 1000 + ms;
}

// What the zone adds to UTC, in ms.
std::optional<int64_t> ParseZone(Cursor* in) {
  if (in->done() || in->Skip("Zz")) return 0;
  const bool plus = in->Skip("+");
  if (!plus && !in->Skip("-")) return std::nullopt;
  int hours = 0, minutes = 0;
  if (!in->Digits(2, &hours)) return std::nullopt;
  in->Skip(":");
  if (!in->done() && !in->Digits(2, &minutes)) return std::nullopt;
  const int64_t offset = (hours * 60LL + minutes) * 60'000;
  return plus ? offset : -offset;
}

std::optional<int64_t> ParseIso(std::string_view text) {
  Cursor in(text);
  const auto date = ParseDate(&in);
  if (!date || in.done()) return date;
  if (!in.Skip("Tt ")) return std::nullopt;
  const auto time_of_day = ParseTimeOfDay(&in);
  if (!time_of_day) return std::nullopt;
  const auto zone = ParseZone(&in);
  if (!zone || !in.done()) return std::nullopt;
  return *date + *time_of_day - *zone;
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  const double ms = std::abs(number) < kSecondsBelow ? number * 1000 : number;
  if (std::abs(ms) > kLargestMs) return std::nullopt;
  return std::llround(ms);
}

}  // namespace

std::optional<int64_t> ParseTime(std::string_view text) {
  if (text.size() >= 10 && text[4] == '-') return ParseIso(text);
  return ParseNumber(text);
}

std::string FormatTime(int64_t time_ms) {
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> time{milliseconds(time_ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[80];
  const int size = std::snprintf(text, sizeof(text), "%04d-%02u-%02u %02d:%02d:%02d.%03d", int{date.year()},
                                 unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                                 static_cast<int>(clock.subseconds().count()));
  return {text, static_cast<size_t>(size)};
}

}  // namespace catwalk::apps
