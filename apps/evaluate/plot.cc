#include <algorithm>
#include <cmath>
#include <cstdio>

#include "apps/evaluate/report.h"
#include "apps/replay/time_parse.h"

namespace catwalk::apps {
namespace {

constexpr double kWidth = 960, kHeight = 420, kLeft = 64, kRight = 200, kTop = 48, kBottom = 48;
constexpr size_t kPoints = 200;
constexpr const char* kColours[] = {"#c2185b", "#5c6bc0", "#00897b", "#8d6e63", "#f9a825", "#7e57c2", "#78909c", "#546e7a"};

using Series = std::vector<double>;

/// At kPoints places, the share of hits among the `window` tested events that end there.
Series MovingAverage(const std::vector<uint8_t>& hits, size_t window) {
  std::vector<int64_t> sums(hits.size() + 1);
  for (size_t i = 0; i < hits.size(); ++i) sums[i + 1] = sums[i] + hits[i];
  Series series;
  for (size_t point = 0; point < kPoints; ++point) {
    const size_t end = window + (hits.size() - window) * point / (kPoints - 1);
    series.push_back(static_cast<double>(sums[end] - sums[end - window]) / static_cast<double>(window));
  }
  return series;
}

std::string Number(double value, const char* format = "%.1f") {
  char text[32];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

double X(size_t point) { return kLeft + (kWidth - kLeft - kRight) * static_cast<double>(point) / (kPoints - 1); }
double Y(double value, double top) { return kHeight - kBottom - (kHeight - kTop - kBottom) * value / top; }

std::string Text(double x, double y, const std::string& anchor, const std::string& what, const std::string& colour = "#37474f") {
  return "<text x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" text-anchor=\"" + anchor + "\" fill=\"" + colour + "\">" + what + "</text>\n";
}

std::string Grid(double top) {
  std::string svg;
  for (int i = 0; i <= 4; ++i) {
    const double value = top * i / 4, y = Y(value, top);
    svg += "<line x1=\"" + Number(kLeft) + "\" x2=\"" + Number(kWidth - kRight) + "\" y1=\"" + Number(y) + "\" y2=\"" + Number(y) +
           "\" stroke=\"#cfd8dc\"/>\n" + Text(kLeft - 8, y + 4, "end", Number(value, "%.3f"));
  }
  return svg;
}

std::string Curve(const Series& series, double top, const std::string& colour, bool bold) {
  std::string svg = "<polyline fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"" + (bold ? "2.5" : "1.2") + "\" points=\"";
  for (size_t i = 0; i < series.size(); ++i) svg += Number(X(i)) + "," + Number(Y(series[i], top)) + " ";
  return svg + "\"/>\n";
}

/// A round number not below `value`.
double RoundUp(double value) {
  const double unit = std::pow(10, std::floor(std::log10(std::max(value, 1e-6))));
  for (const double step : {1.0, 2.0, 4.0, 5.0, 10.0})
    if (value <= step * unit) return step * unit;
  return 10 * unit;
}

}  // namespace

std::string EvaluationReport::Plot() const {
  const size_t tested = result_.tested_at_ms.size();
  const size_t window = std::clamp<size_t>(tested / 25, 1, 5'000);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + Number(kWidth) + " " + Number(kHeight) +
                    "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  svg += Text(kLeft, 24, "start", "Recall@" + std::to_string(result_.options.k) + ", moving average over " + std::to_string(window) + " tested events");
  if (tested >= 2) {
    std::vector<Series> all;
    double highest = 0;
    for (const auto& recommender : result_.recommenders) {
      all.push_back(MovingAverage(recommender.hits, window));
      highest = std::max(highest, *std::max_element(all.back().begin(), all.back().end()));
    }
    const double top = RoundUp(highest);
    svg += Grid(top);
    for (size_t i = all.size(); i-- > 0;) {
      const std::string colour = kColours[i % std::size(kColours)];
      svg += Curve(all[i], top, colour, i == 0);
      svg += Text(kWidth - kRight + 12, kTop + 18.0 * static_cast<double>(i + 1), "start", result_.recommenders[i].name, colour);
    }
    for (const size_t point : {size_t{0}, kPoints / 2, kPoints - 1}) {
      const size_t at = std::min(tested - 1, window + (tested - window) * point / (kPoints - 1));
      svg += Text(X(point), kHeight - 20, "middle", FormatTime(result_.tested_at_ms[at]).substr(0, 10));
    }
  }
  return svg + "</svg>\n";
}

}  // namespace catwalk::apps
