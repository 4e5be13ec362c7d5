#include "apps/evaluate/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace catwalk::apps {

std::string Figure(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), std::abs(value) < 1 ? "%.4f" : "%.3f", value);
  std::string figure = text;
  if (figure.starts_with("0.")) figure.erase(0, 1);
  if (figure.starts_with("-0.")) figure.erase(1, 1);
  return figure;
}

std::string WithInterval(const evaluate::Estimate& estimate) {
  return Figure(estimate.value) + " [" + Figure(estimate.low) + ", " + Figure(estimate.high) + "]";
}

std::string Padded(std::string text, size_t width) {
  const auto shown = static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  text.append(shown < width ? width - shown : 1, ' ');
  return text;
}

std::string Line(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string_view Verdict(const evaluate::Estimate& gain) {
  if (gain.low > 0) return "catwalk better";
  if (gain.high < 0) return "catwalk worse";
  return "no difference";
}

}  // namespace catwalk::apps
