#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "evaluate/metrics.h"

namespace catwalk::apps {

/// ".0358" for what lies between 0 and 1, "12.34" else.
std::string Figure(double value);
/// "value [low, high]".
std::string WithInterval(const evaluate::Estimate& estimate);
/// Filled up with blanks to so many characters (not bytes), at least one.
std::string Padded(std::string text, size_t width);
/// Without blanks at its end, with a line break.
std::string Line(std::string text);
/// Whether the pipeline is better than a baseline, as far as the interval of the difference tells.
std::string_view Verdict(const evaluate::Estimate& gain);

}  // namespace catwalk::apps
