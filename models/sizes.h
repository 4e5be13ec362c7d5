#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace catwalk::models {

/// What a size is written in. Letters and numbers do not compare; each scale has its own mean and spread (models/fit.h).
enum class SizeScale : int { kNumbers, kLetters };
inline constexpr int kSizeScales = 2;

/// A place on a scale; larger is larger. One installation writes numbers on one scale throughout (US, EU …), as with body
/// measures.
struct Size {
  SizeScale scale = SizeScale::kNumbers;
  float number = 0;
  bool operator==(const Size&) const = default;
};

/// A size as a design offers it.
struct OfferedSize {
  std::string text;
  Size size;
  bool operator==(const OfferedSize&) const = default;
};

/// None for what has no place on a scale we know ("one size", "8R", "34B"): nothing is learned from that, and nothing is said of its
/// fit. Blanks around it and case do not matter.
std::optional<Size> ParseSize(std::string_view text);

}  // namespace catwalk::models
