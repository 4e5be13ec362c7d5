#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace catwalk::apps {

/// What the demo prints: with colour and a moving bar on a terminal, plain lines elsewhere.
class Screen {
 public:
  /// `animated`: the output is a terminal that takes colours.
  Screen(std::ostream& out, bool animated) : out_(out), animated_(animated) {}

  void Title(const std::string& text);
  void Line(const std::string& text);
  /// Name and value, aligned.
  void Figure(const std::string& name, const std::string& value);
  /// On a terminal a bar that moves in place; elsewhere nothing until it is full.
  void Progress(const std::string& what, int64_t done, int64_t total);

  struct Row {
    std::string before, after, moved, why;
    bool is_new = false;
  };
  /// A list before and after, side by side.
  void Comparison(const std::vector<Row>& rows);

 private:
  std::string Coloured(const char* code, const std::string& text) const;

  std::ostream& out_;
  bool animated_;
};

}  // namespace catwalk::apps
