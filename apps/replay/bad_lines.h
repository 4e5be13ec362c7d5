#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "schemas/violation.h"

namespace catwalk::apps {

/// Reports bad lines: the first ones in full ("data.csv:17: not_a_number: age is …"), the rest only counted by rule.
class BadLines {
 public:
  static constexpr uint64_t kShown = 20;

  /// `source` is what lines are called by; at most `shown` are printed.
  BadLines(std::ostream& out, std::string source, uint64_t shown = kShown)
      : out_(out), source_(std::move(source)), shown_(shown) {}

  void Report(uint64_t line, const schemas::Violation& violation);
  /// "data.csv:17: not_a_number: age is …"
  std::string Describe(uint64_t line, const schemas::Violation& violation) const;
  uint64_t count() const { return count_; }
  const std::map<std::string, uint64_t>& by_rule() const { return by_rule_; }

 private:
  std::ostream& out_;
  std::string source_;
  uint64_t shown_;
  uint64_t count_ = 0;
  std::map<std::string, uint64_t> by_rule_;
};

}  // namespace catwalk::apps
