#include "models/sizes.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace catwalk::models {
namespace {

struct Word {
  std::string_view text;
  Size size;
};

constexpr Size Letters(float number) { return {SizeScale::kLetters, number}; }
constexpr Size Numbers(float number) { return {SizeScale::kNumbers, number}; }

/// Neighbouring letters are one step apart, as a wearer who is between two of them would say. "00" and "000" are the US sizes below 0,
/// where neighbours are two apart; read as numbers they would all be 0.
constexpr Word kWords[] = {
    {"xxxs", Letters(0)}, {"3xs", Letters(0)}, {"xxs", Letters(1)},  {"2xs", Letters(1)}, {"xs", Letters(2)},
    {"s", Letters(3)},    {"m", Letters(4)},   {"l", Letters(5)},    {"xl", Letters(6)},  {"1x", Letters(6)},
    {"xxl", Letters(7)},  {"2xl", Letters(7)}, {"2x", Letters(7)},   {"xxxl", Letters(8)}, {"3xl", Letters(8)},
    {"3x", Letters(8)},   {"4xl", Letters(9)}, {"5xl", Letters(10)}, {"00", Numbers(-2)}, {"000", Numbers(-4)},
};

/// No scale of clothes or shoes goes further (children's sizes are heights in centimetres).
constexpr float kLargestNumber = 200;
constexpr size_t kLongest = 8;

std::string Lowered(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  std::string lowered(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

}  // namespace

std::optional<Size> ParseSize(std::string_view text) {
  const std::string word = Lowered(text);
  if (word.empty() || word.size() > kLongest) return std::nullopt;
  for (const Word& known : kWords)
    if (known.text == word) return known.size;
  float number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number, std::chars_format::fixed);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  if (!(number >= 0 && number <= kLargestNumber)) return std::nullopt;  // also "nan" and "inf", which from_chars reads
  return Numbers(std::abs(number));                                    // no -0
}

}  // namespace catwalk::models
