#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace catwalk::apps {

/// What the demo prints: with colour and a moving bar on a terminal, plain lines elsewhere.
class Screen {
 public:
  /// `columns`: the width of the terminal, 0 for none. `animated`: it takes colours.
  Screen(std::ostream& out, int columns, bool animated) : out_(out), columns_(columns), animated_(animated) {}

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
  /// A list before and after, side by side. What does not fit the terminal is cut from the reasons.
  void Comparison(const std::vector<Row>& rows);

 private:
  std::string Coloured(const char* code, const std::string& text) const;

  std::ostream& out_;
  int columns_;
  bool animated_;
};

}  // namespace catwalk::apps
